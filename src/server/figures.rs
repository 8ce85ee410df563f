//! `/metrics`: what is counted as it happens, and what is only looked up when somebody asks.

use super::call::Shared;
use super::exchange::Listener;
use super::health;
use crate::identity::revocation::ListState;
use crate::metrics;
use crate::status::MirrorStatus;

/// The text for Prometheus.
pub(crate) fn figures<B>(shared: &Shared<B>) -> String {
    let metrics = &shared.metrics;
    let mut failed = 0;
    for (listener, tls) in &shared.certificates {
        let seconds = tls.not_after().millis() / 1000;
        metrics
            .certificates
            .at(listener.as_str())
            .set(seconds as f64);
        failed += i64::from(tls.held().failed.is_some());
    }
    metrics.renewals_failed.set(failed);
    let lists = health::lists(shared);
    for state in ListState::ALL {
        let count = lists.iter().filter(|list| list.state == state).count();
        metrics.lists.at(state.as_str()).set(metrics::whole(count));
    }
    let now = shared.clock.now();
    for mirror in MirrorStatus::in_use(&shared.mirrors) {
        let failed = mirror.error.is_some();
        metrics.mirror(mirror.kind.as_str(), mirror.age_and_rows(now), failed);
    }
    let free = shared.in_flight.available_permits();
    let busy = shared.limits.kald_i_gang.saturating_sub(free);
    metrics.in_flight.set(metrics::whole(busy));
    for listener in [Listener::Service, Listener::Public] {
        let name = listener.as_str();
        let waiting = metrics::whole(shared.polls.on(listener).waiting());
        metrics.polls.at(name).set(waiting);
        let bytes = metrics::whole(shared.answers.on(listener).taken());
        metrics.answers.at(name).set(bytes);
    }
    metrics
        .body_bytes
        .set(metrics::whole(shared.budget.taken()));
    metrics.render()
}
