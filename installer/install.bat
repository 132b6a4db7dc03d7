@echo off
rem Double-click: sets up Autocull in this checkout, and installs it for Lightroom Classic.
setlocal
cd /d "%~dp0.."
for %%v in (3.13 3.12 3.11) do (
    py -%%v -c "" >nul 2>nul && (
        py -%%v installer\bootstrap.py install
        goto done
    )
)
echo Autocull needs Python 3.11, 3.12 or 3.13: install it from python.org, then double-click this again.
pause
exit /b 1
:done
if errorlevel 1 echo Autocull was not installed; see the messages above.
pause
