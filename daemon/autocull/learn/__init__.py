"""Learn: what a photographer decided before, from wherever it stands, becomes a taste of her own."""
