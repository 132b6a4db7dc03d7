"""The command `cull`: options, execution, outputs, summary."""
