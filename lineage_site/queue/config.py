"""How the queue behaves. A message is only a wake-up call, so losing or repeating one must cost
time and nothing else.
"""

from django.conf import settings
from kombu import Queue

from lineage_site.environment import names, redis_url

# a page that announces work must not hang on a broker that is away: the reaper announces it again.
# Connecting and publishing retry separately; connecting would otherwise go on for four seconds a
# message
ONE_MORE_TRY = {"max_retries": 1, "interval_start": 0, "interval_step": 0.1, "interval_max": 0.1}

broker_url = redis_url.broker(settings.REDIS_URL)
broker_connection_retry_on_startup = True
broker_connection_max_retries = None
# Redis hands a message out again by timer alone; a task that outlives the timer runs twice, so the
# hard limit stays under half of it
broker_transport_options = {
    "visibility_timeout": 600,
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,
    "socket_timeout": 5,
    "socket_connect_timeout": 5,
    "socket_keepalive": True,
    "health_check_interval": 15,
    # other sites may use the same server
    "global_keyprefix": names.key(settings.SITE, ""),
    **ONE_MORE_TRY,
}
# workers are not controlled through the broker, and what comes that way is not looked at
worker_enable_remote_control = False
task_soft_time_limit = 240
task_time_limit = 280

accept_content = ["json"]
task_serializer = event_serializer = result_serializer = "json"
task_ignore_result = True
task_acks_late = True
task_reject_on_worker_lost = True
task_publish_retry_policy = ONE_MORE_TRY

# the reaper has its own queue, or it would wait behind every turn
task_default_queue = "lineage"
task_queues = [Queue(name, routing_key=name) for name in names.QUEUES]
task_default_routing_key = "lineage"
task_routes = {"arena.tasks.reap": {"queue": "reaper", "routing_key": "reaper"}}
beat_schedule = {"reap": {"task": "arena.tasks.reap", "schedule": 5.0, "options": {"expires": 10}}}
beat_scheduler = "lineage_site.queue.timer:SteadyScheduler"
enable_utc = True
timezone = "UTC"

imports = ["lineage_site.queue.worker"]
worker_prefetch_multiplier = 1
worker_disable_rate_limits = True
worker_cancel_long_running_tasks_on_connection_loss = True
worker_soft_shutdown_timeout = 3
worker_max_tasks_per_child = 500
worker_max_memory_per_child = 1_000_000
# kernels may have to be compiled before a new process answers
worker_proc_alive_timeout = 120
