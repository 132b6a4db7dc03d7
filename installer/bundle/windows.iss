; The installer for Windows: the folder of the program for this user, and an entry in the start menu.
; Run by the release workflow: iscc /DVersion=0.1.0 installer\bundle\windows.iss
[Setup]
AppId=app.autocull
AppName=Autocull
AppVersion={#Version}
DefaultDirName={localappdata}\Programs\Autocull
DisableDirPage=yes
DisableProgramGroupPage=yes
PrivilegesRequired=lowest
ArchitecturesAllowed=x64compatible
LicenseFile=..\..\LICENSE
OutputDir=..\..\dist
OutputBaseFilename=autocull-{#Version}-windows
Compression=lzma2
SolidCompression=yes

[InstallDelete]
Type: filesandordirs; Name: "{app}\_internal"

[Files]
Source: "..\..\dist\autocull\*"; DestDir: "{app}"; Flags: recursesubdirs ignoreversion

[Icons]
Name: "{userprograms}\Autocull"; Filename: "{app}\autocull.exe"

[Run]
Filename: "{app}\autocull.exe"; Parameters: "install"; Description: "Install the Lightroom part"; Flags: postinstall skipifsilent

[UninstallRun]
Filename: "{app}\autocull.exe"; Parameters: "uninstall --keep-cache"; RunOnceId: "lightroom"; Flags: runhidden
