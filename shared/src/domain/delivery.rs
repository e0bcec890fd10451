//! The channels that deliver notifications, and the plan that says which of them delivers a notification, and when.

use chrono::{DateTime, NaiveTime, Utc};
use chrono_tz::Tz;
use serde_json::Value;

use super::{
    notification_kind::{ChannelPreferences, EmailChoice, NotificationKind},
    preferences::QuietHours,
};

/// A channel that delivers notifications to a person. The inbox is not one: every notification is in it at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// The person's open WebSockets.
    Push,
    /// E-mail.
    Email,
}

impl Channel {
    /// All channels.
    pub const ALL: [Self; 2] = [Self::Push, Self::Email];
}

/// When a channel delivers a notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timing {
    /// As soon as it is written. An e-mail waits for `EMAIL_GATHER_SECONDS` for what else happens to the task.
    Now,
    /// When the person's quiet hours end, as things are now. It is decided again at that time.
    AfterQuietHours(DateTime<Utc>),
    /// With the person's next daily summary.
    InSummary,
}

/// The delivery of one notification by one channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delivery {
    /// The channel.
    pub channel: Channel,
    /// When it delivers.
    pub timing: Timing,
}

/// What a person chose, and what can reach them.
#[derive(Debug, Clone)]
pub struct DeliverySettings {
    /// The channels for each kind of notification.
    pub channels: ChannelPreferences,
    /// When pushes and e-mails wait.
    pub quiet_hours: Option<QuietHours>,
    /// The zone of the quiet hours, and of the times in texts.
    pub time_zone: Tz,
    /// Whether e-mails reach the person: they confirmed their address, and the mail server does not keep refusing it.
    pub has_email: bool,
}

impl DeliverySettings {
    /// Returns the settings of columns of `notification_preferences` and `users`. A person without preferences has the
    /// defaults.
    pub fn from_columns(
        channels: Option<&Value>,
        quiet_hours: (Option<NaiveTime>, Option<NaiveTime>),
        time_zone: &str,
        has_email: bool,
    ) -> Self {
        Self {
            channels: channels.map_or_else(ChannelPreferences::default, ChannelPreferences::from_stored),
            quiet_hours: QuietHours::from_columns(quiet_hours.0, quiet_hours.1),
            time_zone: time_zone.parse().unwrap_or(chrono_tz::UTC),
            has_email,
        }
    }

    /// Returns the end of the person's quiet hours if `now` is within them.
    pub fn quiet_until(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.quiet_hours.and_then(|quiet| quiet.until(now, self.time_zone))
    }

    /// Returns the deliveries of a notification of this kind that is written at `now`, at most one for each channel.
    pub fn plan(&self, kind: NotificationKind, now: DateTime<Utc>) -> impl Iterator<Item = Delivery> + '_ {
        let delivery = move |channel| Some(Delivery { channel, timing: self.timing(channel, kind, now)? });
        Channel::ALL.into_iter().filter_map(delivery)
    }

    /// Returns when a channel delivers a notification of this kind, or `None` if it does not deliver it at all.
    pub fn timing(&self, channel: Channel, kind: NotificationKind, now: DateTime<Utc>) -> Option<Timing> {
        let chosen = self.channels.get(kind);
        let wanted = match channel {
            Channel::Push => chosen.push,
            Channel::Email if !self.has_email => false,
            Channel::Email => match chosen.email {
                EmailChoice::Immediate => true,
                EmailChoice::Daily => return Some(Timing::InSummary),
                EmailChoice::Off => false,
            },
        };
        wanted.then(|| self.quiet_until(now).map_or(Timing::Now, Timing::AfterQuietHours))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::notification_kind::Channels;

    /// Within the quiet hours of the tests, and their end.
    const NIGHT: &str = "2026-01-10T22:30:00Z";
    const MORNING: &str = "2026-01-11T06:00:00Z";
    const NOON: &str = "2026-01-10T11:00:00Z";

    fn at(time: &str) -> DateTime<Utc> {
        time.parse().unwrap()
    }

    fn settings(channels: Channels, has_email: bool) -> DeliverySettings {
        DeliverySettings {
            channels: ChannelPreferences { mentioned: channels, ..ChannelPreferences::default() },
            quiet_hours: Some(QuietHours { from: "22:00".parse().unwrap(), to: "07:00".parse().unwrap() }),
            time_zone: chrono_tz::Europe::Berlin,
            has_email,
        }
    }

    #[test]
    fn the_plan_follows_preferences_quiet_hours_and_the_confirmed_address() {
        use EmailChoice::{Daily, Immediate, Off};
        use Timing::{AfterQuietHours, InSummary, Now};
        let later = AfterQuietHours(at(MORNING));
        // What the person chose, whether e-mails reach them, and the time; the push and the e-mail.
        for (push, email, has_email, now, pushed, emailed) in [
            (true, Immediate, true, NOON, Some(Now), Some(Now)),
            (true, Immediate, true, NIGHT, Some(later), Some(later)),
            (true, Immediate, false, NOON, Some(Now), None),
            (true, Immediate, false, NIGHT, Some(later), None),
            (true, Daily, true, NOON, Some(Now), Some(InSummary)),
            (true, Daily, true, NIGHT, Some(later), Some(InSummary)),
            (true, Daily, false, NOON, Some(Now), None),
            (true, Daily, false, NIGHT, Some(later), None),
            (true, Off, true, NOON, Some(Now), None),
            (true, Off, true, NIGHT, Some(later), None),
            (true, Off, false, NOON, Some(Now), None),
            (true, Off, false, NIGHT, Some(later), None),
            (false, Immediate, true, NOON, None, Some(Now)),
            (false, Immediate, true, NIGHT, None, Some(later)),
            (false, Immediate, false, NOON, None, None),
            (false, Immediate, false, NIGHT, None, None),
            (false, Daily, true, NOON, None, Some(InSummary)),
            (false, Daily, true, NIGHT, None, Some(InSummary)),
            (false, Daily, false, NOON, None, None),
            (false, Daily, false, NIGHT, None, None),
            (false, Off, true, NOON, None, None),
            (false, Off, true, NIGHT, None, None),
            (false, Off, false, NOON, None, None),
            (false, Off, false, NIGHT, None, None),
        ] {
            let settings = settings(Channels { push, email }, has_email);
            let plan: Vec<Delivery> = settings.plan(NotificationKind::Mentioned, at(now)).collect();
            let expected = [(Channel::Push, pushed), (Channel::Email, emailed)];
            let expected: Vec<Delivery> = expected
                .into_iter()
                .filter_map(|(channel, timing)| Some(Delivery { channel, timing: timing? }))
                .collect();
            assert_eq!(plan, expected, "push: {push}, e-mail: {email:?}, reachable: {has_email}, at {now}");
        }
    }

    #[test]
    fn a_choice_applies_only_to_its_kind() {
        let settings = settings(Channels { push: false, email: EmailChoice::Off }, true);
        for &kind in NotificationKind::ALL {
            let plan: Vec<Channel> = settings.plan(kind, at(NOON)).map(|delivery| delivery.channel).collect();
            let expected: &[Channel] = match kind {
                NotificationKind::Mentioned => &[],
                NotificationKind::TaskCreated | NotificationKind::TaskDeleted => &[Channel::Push], // by default
                _ => &Channel::ALL,
            };
            assert_eq!(plan, expected, "{kind:?}");
        }
    }

    #[test]
    fn without_quiet_hours_or_with_an_unknown_zone_nothing_waits() {
        let settings = DeliverySettings::from_columns(None, (None, None), "Mars/Olympus", true);
        assert_eq!((settings.time_zone, settings.quiet_until(at(NIGHT))), (chrono_tz::UTC, None));
        assert_eq!(settings.timing(Channel::Push, NotificationKind::Mentioned, at(NIGHT)), Some(Timing::Now));
    }
}
