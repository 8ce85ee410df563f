//! Processor time: what work costs, whatever else the machine does meanwhile. No test judges by the clock on the wall.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// What the process has used so far, all its threads together; none where the system does not tell.
pub(crate) fn of_process(id: u32) -> Option<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The name of the program stands in parentheses and may hold anything.
    let (_, fields) = stat.rsplit_once(") ")?;
    let mut fields = fields.split(' ').skip(11);
    let mut ticks = || fields.next()?.parse::<u64>().ok();
    Some(Duration::from_millis((ticks()? + ticks()?) * 10))
}

/// What this thread has used so far.
pub(crate) fn of_thread() -> Duration {
    Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap_or_default()
}
