"""killer.py SECONDS COMMAND…: kill -9 of the command and its children after so long. 0 = it was killed."""
import os
import signal
import subprocess
import sys
import time

delay, *command = sys.argv[1:]
child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                         start_new_session=True)
time.sleep(float(delay))
try:
    os.killpg(child.pid, signal.SIGKILL)
except ProcessLookupError:
    pass
sys.exit(0 if child.wait() == -9 else 1)
