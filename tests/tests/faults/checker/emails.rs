//! Compares the e-mails that the SMTP server accepted with the expected ones.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use chrono::{DateTime, TimeDelta, Utc};
use mail_parser::MessageParser;
use uuid::Uuid;

use super::{
    Checker,
    tables::{Notification, Tables},
};
use crate::{client::Person, load::Team, nemesis::email_folders, run::Run};

/// An e-mail that the server accepted.
#[derive(Clone)]
pub(super) struct Taken {
    pub(super) id: String,
    pub(super) to: String,
    pub(super) text: String,
    pub(super) at: DateTime<Utc>,
}

/// All e-mails that the server accepted.
pub(crate) struct Emails {
    pub(super) taken: Vec<Taken>,
    /// Truncated files: the server died while receiving them, and did not accept them.
    pub(super) broken: usize,
}

impl Emails {
    /// Reads the files of the server, which writes a file before it accepts the e-mail.
    pub(crate) fn read() -> Self {
        let mut mails = Self { taken: Vec::new(), broken: 0 };
        for folder in email_folders() {
            for file in fs::read_dir(folder).into_iter().flatten() {
                let path = file.unwrap().path();
                if path.extension().is_none_or(|ending| ending != "eml") {
                    continue;
                }
                let at = path.metadata().unwrap().modified().unwrap().into();
                match Self::parse(&fs::read(&path).unwrap(), at) {
                    Some(taken) => mails.taken.push(taken),
                    None => mails.broken += 1,
                }
            }
        }
        mails.taken.sort_by_key(|mail| mail.at);
        mails
    }

    /// Returns copies with one mutation each, or `None` if there is no e-mail to mutate.
    pub(super) fn mutations(&self, team: &Team) -> [(&'static str, Option<Self>); 4] {
        let to_us = |mail: &&Taken| team.people.iter().any(|one| one.address == mail.to);
        let oldest = self.taken.iter().find(to_us);
        let other = oldest.and_then(|mail| team.people.iter().find(|one| one.address != mail.to));
        let comment = self.taken.iter().filter(to_us).find(|mail| mail.text.contains("commented on"));
        // A fault may have duplicated it: all copies are mutated alike.
        let mutated = |mail: Option<&Taken>, mutate: &dyn Fn(&Taken) -> Vec<Taken>| {
            let id = &mail?.id;
            let taken = self.taken.iter().flat_map(|one| if one.id == *id { mutate(one) } else { vec![one.clone()] });
            Some(Self { taken: taken.collect(), broken: self.broken })
        };
        let twice = |mail: &Taken| vec![Taken { at: DateTime::UNIX_EPOCH, ..mail.clone() }, mail.clone()];
        let to_other_user = |mail: &Taken| {
            vec![Taken { to: other.map_or_else(String::new, |one| one.address.clone()), ..mail.clone() }]
        };
        let other_text =
            |mail: &Taken| vec![Taken { text: mail.text.replace("Comment ", "Comment x"), ..mail.clone() }];
        [
            ("an e-mail was not sent", mutated(oldest, &|_| Vec::new())),
            ("an e-mail was sent twice", mutated(oldest, &twice)),
            ("an e-mail was sent to another user", mutated(oldest.filter(|_| other.is_some()), &to_other_user)),
            ("an e-mail has another text", mutated(comment, &other_text)),
        ]
    }

    fn parse(raw: &[u8], at: DateTime<Utc>) -> Option<Taken> {
        // The last line of a complete multipart e-mail ends with two hyphens.
        raw.trim_ascii_end().ends_with(b"--").then_some(())?;
        let message = MessageParser::default().parse(raw)?;
        let id = message.message_id()?.split('@').next()?.to_owned();
        let to = message.to()?.first()?.address()?.to_owned();
        Some(Taken { id, to, text: message.body_text(0)?.into_owned(), at })
    }
}

impl Checker {
    /// Checks that no e-mail is missing, and that none was sent twice except where a fault was between the server's
    /// acceptance and the commit.
    pub(super) fn emails(&mut self, run: &Run, team: &Team, tables: &Tables, mails: &Emails) {
        let mut taken: BTreeMap<Uuid, Vec<&Taken>> = BTreeMap::new();
        for mail in &mails.taken {
            let Some(person) = team.people.iter().find(|person| person.address == mail.to) else { continue };
            match mail.id.parse().ok().filter(|id| tables.emails.get(id).is_some_and(|row| row.user == person.id)) {
                Some(id) => taken.entry(id).or_default().push(mail),
                None => self.wrong("e-mails", format!("{} got {}, which is not in the database", person.name, mail.id)),
            }
        }
        // An e-mail leaves out what its user may no longer see when it is sent.
        let unseen: BTreeSet<Uuid> = tables
            .notifications
            .iter()
            .filter(|one| {
                let places: Vec<Uuid> =
                    one.task.map_or_else(Vec::new, |task| tables.places(task)).into_iter().chain(one.project).collect();
                !team.always_sees(one.user, &places)
            })
            .map(|one| one.id)
            .collect();
        let mut emptied: BTreeSet<Uuid> = tables.notifications.iter().filter_map(|one| one.email).collect();
        for one in tables.notifications.iter().filter(|one| !unseen.contains(&one.id)) {
            one.email.map(|id| emptied.remove(&id));
        }
        for email in tables.emails.values() {
            if emptied.contains(&email.id) && email.sent_at.is_none() && email.error.is_some() {
                self.add("e-mails", "empty and not sent, because their users lost access", 1);
                continue;
            }
            let copies = taken.get(&email.id).map_or(0, Vec::len);
            if email.sent_at.is_none() || copies == 0 {
                let (sent, why) = (email.sent_at, &email.error);
                self.wrong("e-mails", format!("{} {}, sent {sent:?}, {copies} copies; {why:?}", email.kind, email.id));
            }
            self.add("e-mails", "in the database", 1);
        }
        for (id, copies) in &taken {
            self.add("e-mails", "accepted by the server", copies.len());
            let near_faults = copies.iter().filter(|copy| is_near_fault(run, copy.at)).count();
            self.add("e-mails", "accepted by the server near a fault", near_faults);
            for (copy, next) in copies.iter().zip(&copies[1..]) {
                if copy.text != next.text && tables.emails[id].kind == "notifications" {
                    self.wrong("e-mails", format!("{id} output_of something else when it came again"));
                }
                if is_near_fault(run, copy.at) {
                    self.add("e-mails", "sent twice near a fault", 1);
                } else {
                    self.wrong("e-mails", format!("{id} was sent at {} and {} without a fault", copy.at, next.at));
                }
            }
        }
        self.add("e-mails", "truncated", mails.broken);
        for person in &team.people {
            self.mails_of(tables, person, &taken, &unseen);
        }
    }

    /// Checks that each notification that a user wants by e-mail is in exactly one of their e-mails.
    fn mails_of(
        &mut self,
        tables: &Tables,
        person: &Person,
        taken: &BTreeMap<Uuid, Vec<&Taken>>,
        unseen: &BTreeSet<Uuid>,
    ) {
        let mut saying: BTreeMap<&str, BTreeSet<Uuid>> = BTreeMap::new();
        for (id, copies) in taken {
            for mail in copies.iter().filter(|mail| mail.to == person.address) {
                for word in mail.text.split_whitespace() {
                    saying.entry(word).or_default().insert(*id);
                }
            }
        }
        for one in tables.inbox(person.id) {
            let what = || format!("{} of {}, {}", one.seq, person.name, one.title);
            match (wanted_by_mail(person, one), one.email) {
                (false, None) => {}
                (true, Some(email)) => {
                    self.add("notifications", "in an e-mail", 1);
                    let texts = taken.get(&email).map(|copies| &copies[0].text);
                    let is_told = texts.is_some_and(|text| text.contains(&one.title));
                    if !is_told && unseen.contains(&one.id) {
                        continue;
                    }
                    if !is_told {
                        self.wrong("e-mails", format!("{} is not in its e-mail {email}", what()));
                    }
                    // The text of a comment is unique.
                    let word = one.body.split_whitespace().nth(1).unwrap_or_default();
                    let mails = saying.get(word).cloned().unwrap_or_default();
                    if one.body.starts_with("Comment ") && mails != BTreeSet::from([email]) {
                        self.wrong("e-mails", format!("{} is in the e-mails {mails:?}, not only in {email}", what()));
                    }
                }
                (true, None) => self.wrong("e-mails", format!("{} has no e-mail", what())),
                (false, Some(email)) => self.wrong("e-mails", format!("{} has the e-mail {email}, unwanted", what())),
            }
        }
    }
}

fn wanted_by_mail(person: &Person, one: &Notification) -> bool {
    match one.kind.as_str() {
        "task_assigned" | "task_commented" | "mentioned" | "added_to_project" => true,
        "task_status_changed" => person.wants_status_emails,
        _ => false,
    }
}

/// Returns whether a fault at this moment may have kept `send-email` from committing, or the server from responding.
fn is_near_fault(run: &Run, moment: DateTime<Utc>) -> bool {
    let around = TimeDelta::seconds(2);
    let of_parts = ["postgres", "emulator", "maildev"]
        .into_iter()
        .flat_map(|part| [format!("stop {part}"), format!("freeze {part}")]);
    let able: Vec<String> =
        of_parts.chain(["kill every send-email", "terminate half", "kill a process"].map(Into::into)).collect();
    run.injected.lock().unwrap().iter().any(|one| {
        one.from - around <= moment
            && moment <= one.to + around
            && able.iter().any(|fault| one.what.starts_with(fault.as_str()))
    })
}
