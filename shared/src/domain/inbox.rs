//! The state of a notification: in the inbox, archived, or snoozed; and read or not.

use chrono::{DateTime, TimeDelta, Utc};

use super::task::truncate_to_micros;
use crate::{Error, Result};

/// The longest snooze, in days.
const MAX_SNOOZE: i64 = 366;

/// The state of a notification. An archived one is read, and not snoozed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct State {
    /// When it was read.
    pub read_at: Option<DateTime<Utc>>,
    /// When it was archived.
    pub archived_at: Option<DateTime<Utc>>,
    /// When it returns to the inbox.
    pub snoozed_until: Option<DateTime<Utc>>,
}

/// The changes to make to a [`State`]. `None` keeps a value; the inner `None` ends the snooze.
#[derive(Debug, Clone, Copy, Default)]
#[expect(missing_docs, reason = "the fields are those of the request")]
pub struct StatePatch {
    pub read: Option<bool>,
    pub archived: Option<bool>,
    pub snoozed_until: Option<Option<DateTime<Utc>>>,
}

impl State {
    /// Returns the state after a change at `now`. Archiving also reads the notification, and ends its snooze. Snoozing
    /// an archived one, or making it unread, puts it back.
    ///
    /// Fails if the changes contradict one another, or if the end of a new snooze is not in the future, or more than a
    /// year ahead.
    pub fn patched(self, patch: StatePatch, now: DateTime<Utc>) -> Result<Self> {
        let snooze = patch.snoozed_until.flatten().map(truncate_to_micros);
        if patch.archived == Some(true) && patch.read == Some(false) {
            return Err(Error::invalid("/read", "must not be false with archived: an archived notification is read"));
        }
        if patch.archived == Some(true) && snooze.is_some() {
            return Err(Error::invalid("/snoozed_until", "must not be a time with archived: choose one of them"));
        }
        if snooze.is_some_and(|until| snooze != self.snoozed_until && until <= now) {
            return Err(Error::invalid("/snoozed_until", "must be in the future"));
        }
        if snooze.is_some_and(|until| until > now + TimeDelta::days(MAX_SNOOZE)) {
            return Err(Error::invalid("/snoozed_until", "must be at most a year ahead"));
        }
        let now = truncate_to_micros(now);
        let mut state = self;
        if patch.archived == Some(false) || snooze.is_some() || patch.read == Some(false) {
            state.archived_at = None;
        }
        match patch.read {
            Some(true) => state.read_at = state.read_at.or(Some(now)),
            Some(false) => state.read_at = None,
            None => {}
        }
        if patch.snoozed_until.is_some() {
            state.snoozed_until = snooze;
        }
        if patch.archived == Some(true) {
            state.archived_at = state.archived_at.or(Some(now));
            state.read_at = state.read_at.or(Some(now));
            state.snoozed_until = None;
        }
        Ok(state)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// When it was read and archived, and until when it is snoozed.
    type Minutes = (Option<i64>, Option<i64>, Option<i64>);
    /// Whether to read and archive it, and until when to snooze it.
    type Patch = (Option<bool>, Option<bool>, Option<Option<i64>>);

    /// Returns a minute of an hour.
    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minute)
    }

    /// Returns a state of these minutes: read, archived, snoozed until.
    fn state(read: Option<i64>, archived: Option<i64>, snoozed: Option<i64>) -> State {
        State { read_at: read.map(at), archived_at: archived.map(at), snoozed_until: snoozed.map(at) }
    }

    const NOW: i64 = 10;

    #[test]
    fn a_notification_is_in_one_place() {
        let (new, read, archived) = ((None, None, None), (Some(1), None, None), (Some(1), Some(2), None));
        let (snoozed, read_snoozed) = ((None, None, Some(20)), (Some(1), None, Some(20)));
        // What it was; read, archived, snoozed until; what it is then.
        let table: [(Minutes, Patch, Minutes); 20] = [
            (new, (None, None, None), new),
            (new, (Some(true), None, None), (Some(NOW), None, None)),
            (read, (Some(true), None, None), read),
            (read, (Some(false), None, None), new),
            (new, (None, Some(true), None), (Some(NOW), Some(NOW), None)),
            (read, (None, Some(true), None), (Some(1), Some(NOW), None)),
            (archived, (None, Some(true), None), archived),
            (archived, (None, Some(false), None), read),
            (archived, (Some(false), None, None), new),
            (archived, (Some(false), Some(false), None), new),
            (archived, (Some(true), None, None), archived),
            (new, (None, None, Some(Some(20))), snoozed),
            (read, (None, None, Some(Some(20))), read_snoozed),
            (archived, (None, None, Some(Some(20))), read_snoozed),
            (archived, (None, None, Some(None)), archived),
            (snoozed, (None, None, Some(None)), new),
            (snoozed, (Some(true), None, None), (Some(NOW), None, Some(20))),
            (snoozed, (None, Some(false), None), snoozed),
            (snoozed, (None, Some(true), None), (Some(NOW), Some(NOW), None)),
            (read_snoozed, (Some(false), None, Some(Some(30))), (None, None, Some(30))),
        ];
        for (before, (read, marked, until), after) in table {
            let patch = StatePatch { read, archived: marked, snoozed_until: until.map(|until| until.map(at)) };
            let state = |(read, archived, snoozed)| state(read, archived, snoozed);
            let shown = format!("{before:?} {patch:?}");
            let patched = state(before).patched(patch, at(NOW)).unwrap();
            assert_eq!(patched, state(after), "{shown}");
            assert_eq!(patched.patched(patch, at(NOW + 1)).unwrap(), patched, "a second time: {shown}");
        }
    }

    #[test]
    fn contradictions_and_times_that_are_not_ahead_are_refused() {
        let until = |time| StatePatch { snoozed_until: Some(Some(time)), ..StatePatch::default() };
        let archive = StatePatch { archived: Some(true), ..StatePatch::default() };
        let year = at(NOW) + TimeDelta::days(MAX_SNOOZE);
        let new = State::default();
        for patch in [
            until(at(NOW)),
            until(at(NOW - 1)),
            until(year + TimeDelta::microseconds(1)),
            until(DateTime::<Utc>::MAX_UTC),
            StatePatch { read: Some(false), ..archive },
            StatePatch { snoozed_until: Some(Some(at(20))), ..archive },
        ] {
            new.patched(patch, at(NOW)).unwrap_err();
        }
        new.patched(until(year), at(NOW)).unwrap();
        new.patched(StatePatch { read: Some(true), snoozed_until: Some(None), ..archive }, at(NOW)).unwrap();
        // The end of a snooze has come, but is not handled yet: the same request changes nothing.
        let snoozed = state(None, None, Some(5));
        assert_eq!(snoozed.patched(until(at(5)), at(NOW)).unwrap(), snoozed);
    }
}
