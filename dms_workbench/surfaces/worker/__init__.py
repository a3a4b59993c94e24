"""The worker: one detached process for each store that claims queued runs and carries them out.

    python -m dms_workbench.surfaces.worker

Copies run in threads of their own, fed from memory: a wish is heard within a quarter of a second, and a store that is
slow or gone delays only what is told about a copy, never the copy. The process leaves when there was nothing to do for
five minutes (DMS_WORKER_IDLE_SECONDS); on SIGTERM it pauses its runs first.
"""
