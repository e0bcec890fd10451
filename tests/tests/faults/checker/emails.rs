//! What the SMTP server took against what was to be mailed.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use chrono::{DateTime, TimeDelta, Utc};
use mail_parser::MessageParser;
use uuid::Uuid;

use super::{
    Books,
    tables::{Notification, Tables},
};
use crate::{client::Person, havoc::mail_folders, load::Team, run::Run};

/// A mail as the server took it.
#[derive(Clone)]
pub(super) struct Taken {
    pub(super) id: String,
    pub(super) to: String,
    pub(super) text: String,
    pub(super) at: DateTime<Utc>,
}

/// What the server took.
pub(crate) struct Mails {
    pub(super) taken: Vec<Taken>,
    /// Files that end in the middle: the server died while it read them, and took nothing.
    pub(super) broken: usize,
}

impl Mails {
    /// Reads the files in which the server keeps what it took. (It writes a file before it says that it took the mail.)
    pub(crate) fn read() -> Self {
        let mut mails = Self { taken: Vec::new(), broken: 0 };
        for folder in mail_folders() {
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

    /// The same, each time with one thing that is not so; nothing where there is no mail to falsify.
    pub(super) fn forgeries(&self, team: &Team) -> [(&'static str, Option<Self>); 4] {
        let to_us = |mail: &&Taken| team.people.iter().any(|one| one.address == mail.to);
        let oldest = self.taken.iter().find(to_us);
        let other = oldest.and_then(|mail| team.people.iter().find(|one| one.address != mail.to));
        let comment = self.taken.iter().filter(to_us).find(|mail| mail.text.contains("commented on"));
        // A fault may have doubled it: what is falsified of a mail is so of all its copies.
        let forged = |mail: Option<&Taken>, forge: &dyn Fn(&Taken) -> Vec<Taken>| {
            let id = &mail?.id;
            let taken = self.taken.iter().flat_map(|one| if one.id == *id { forge(one) } else { vec![one.clone()] });
            Some(Self { taken: taken.collect(), broken: self.broken })
        };
        let twice = |mail: &Taken| vec![Taken { at: DateTime::UNIX_EPOCH, ..mail.clone() }, mail.clone()];
        let to_other = |mail: &Taken| {
            vec![Taken { to: other.map_or_else(String::new, |one| one.address.clone()), ..mail.clone() }]
        };
        let otherwise = |mail: &Taken| vec![Taken { text: mail.text.replace("Comment ", "Comment x"), ..mail.clone() }];
        [
            ("a mail did not come", forged(oldest, &|_| Vec::new())),
            ("a mail came twice", forged(oldest, &twice)),
            ("a mail came to somebody else", forged(oldest.filter(|_| other.is_some()), &to_other)),
            ("a mail says something else", forged(comment, &otherwise)),
        ]
    }

    fn parse(raw: &[u8], at: DateTime<Utc>) -> Option<Taken> {
        // The last line of a mail of several parts ends them.
        raw.trim_ascii_end().ends_with(b"--").then_some(())?;
        let message = MessageParser::default().parse(raw)?;
        let id = message.message_id()?.split('@').next()?.to_owned();
        let to = message.to()?.first()?.address()?.to_owned();
        Some(Taken { id, to, text: message.body_text(0)?.into_owned(), at })
    }
}

impl Books {
    /// No mail is missing; none came twice, but where a fault fell between the server's acceptance and the record.
    pub(super) fn mails(&mut self, run: &Run, team: &Team, tables: &Tables, mails: &Mails) {
        let mut taken: BTreeMap<Uuid, Vec<&Taken>> = BTreeMap::new();
        for mail in &mails.taken {
            let Some(person) = team.people.iter().find(|person| person.address == mail.to) else { continue };
            match mail.id.parse().ok().filter(|id| tables.emails.get(id).is_some_and(|row| row.user == person.id)) {
                Some(id) => taken.entry(id).or_default().push(mail),
                None => self.wrong("mails", format!("{} got {}, which is not in the books", person.name, mail.id)),
            }
        }
        // Who does not see a task or project any more when the mail is sent is not told of it by mail.
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
                self.add("mails", "of what nobody saw any more, and that were not sent", 1);
                continue;
            }
            let copies = taken.get(&email.id).map_or(0, Vec::len);
            if email.sent_at.is_none() || copies == 0 {
                let (sent, why) = (email.sent_at, &email.error);
                self.wrong(
                    "mails",
                    format!("{} {}, sent {sent:?}, came {copies} times; {why:?}", email.kind, email.id),
                );
            }
            self.add("mails", "in the books", 1);
        }
        for (id, copies) in &taken {
            self.add("mails", "that the server took", copies.len());
            let near_faults = copies.iter().filter(|copy| was_struck(run, copy.at)).count();
            self.add("mails", "that the server took while a fault struck", near_faults);
            for (copy, next) in copies.iter().zip(&copies[1..]) {
                if copy.text != next.text && tables.emails[id].kind == "notifications" {
                    self.wrong("mails", format!("{id} said something else when it came again"));
                }
                if was_struck(run, copy.at) {
                    self.add("mails", "that came twice, by a fault before the record", 1);
                } else {
                    self.wrong("mails", format!("{id} came at {} and {} without a fault", copy.at, next.at));
                }
            }
        }
        self.add("mails", "that broke off", mails.broken);
        for person in &team.people {
            self.mails_of(tables, person, &taken, &unseen);
        }
    }

    /// Everything that somebody wants to be mailed is in exactly one of their mails.
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
                    self.add("notifications", "in a mail", 1);
                    let texts = taken.get(&email).map(|copies| &copies[0].text);
                    let is_told = texts.is_some_and(|text| text.contains(&one.title));
                    if !is_told && unseen.contains(&one.id) {
                        continue;
                    }
                    if !is_told {
                        self.wrong("mails", format!("{} is not in its mail {email}", what()));
                    }
                    // What a comment says is nowhere else.
                    let word = one.body.split_whitespace().nth(1).unwrap_or_default();
                    let mails = saying.get(word).cloned().unwrap_or_default();
                    if one.body.starts_with("Comment ") && mails != BTreeSet::from([email]) {
                        self.wrong("mails", format!("{} is in the mails {mails:?}, not only in {email}", what()));
                    }
                }
                (true, None) => self.wrong("mails", format!("{} has no mail", what())),
                (false, Some(email)) => self.wrong("mails", format!("{} has the mail {email}, unwanted", what())),
            }
        }
    }
}

fn wanted_by_mail(person: &Person, one: &Notification) -> bool {
    match one.kind.as_str() {
        "task_assigned" | "task_commented" | "mentioned" | "added_to_project" => true,
        "task_status_changed" => person.wants_statuses,
        _ => false,
    }
}

/// Whether a fault may have kept `send-email` from writing down what the server took at this moment, or the server from saying so.
fn was_struck(run: &Run, moment: DateTime<Utc>) -> bool {
    let around = TimeDelta::seconds(2);
    let of_parts = ["postgres", "emulator", "maildev"]
        .into_iter()
        .flat_map(|part| [format!("stop {part}"), format!("freeze {part}")]);
    let able: Vec<String> =
        of_parts.chain(["kill every send-email", "end half", "kill a process"].map(Into::into)).collect();
    run.struck.lock().unwrap().iter().any(|one| {
        one.from - around <= moment
            && moment <= one.to + around
            && able.iter().any(|fault| one.what.starts_with(fault.as_str()))
    })
}
