//! Mentions: `@[name](user:<id>)` in a text of Markdown.
//!
//! For a reader of `CommonMark` a mention is a link after an `@`. So code and escaped text contain no mentions. A
//! mention in a quote is shown as a name, but notifies nobody: it repeats what another person wrote.

use std::ops::Range;

use pulldown_cmark::{Event, LinkType, Parser, Tag, TagEnd};
use uuid::Uuid;

use super::activity::{Change, TaskField};

/// The text between the name and the id.
const MARK: &str = "](user:";

/// Returns the ids of the people that a text mentions, each once, in order.
pub fn mentions(text: &str) -> Vec<Uuid> {
    let mut ids = Vec::new();
    for mention in find(text).into_iter().filter(|mention| !mention.quoted) {
        if !ids.contains(&mention.user_id) {
            ids.push(mention.user_id);
        }
    }
    ids
}

/// Returns the ids of the people that a text mentions and its former version does not.
pub fn newly_mentioned(from: &str, to: &str) -> Vec<Uuid> {
    let mut ids = mentions(to);
    if !ids.is_empty() {
        let before = mentions(from);
        ids.retain(|id| !before.contains(id));
    }
    ids
}

/// Returns the ids of the people that a task's description newly mentions, if these changes are about it.
pub fn newly_mentioned_by(changes: &[Change]) -> Vec<Uuid> {
    let description = changes.iter().find(|change| change.field == TaskField::Description);
    let texts = description.and_then(|change| Some((change.from.as_str()?, change.to.as_str()?)));
    texts.map(|(from, to)| newly_mentioned(from, to)).unwrap_or_default()
}

/// Returns the text with `@name` in place of each mention, for reading.
pub fn without_markup(text: &str) -> String {
    let (mut read, mut end) = (String::with_capacity(text.len()), 0);
    for mention in find(text) {
        read.push_str(&text[end..mention.range.start]);
        read.push('@');
        read.push_str(mention.name);
        end = mention.range.end;
    }
    read + &text[end..]
}

struct Mention<'a> {
    range: Range<usize>,
    name: &'a str,
    user_id: Uuid,
    /// Whether it is in a quote, or in the text that stands for an image.
    quoted: bool,
}

fn find(text: &str) -> Vec<Mention<'_>> {
    let mut found = Vec::new();
    // Few texts mention anybody: the others are not parsed.
    if !(text.contains("@[") && text.contains(MARK)) {
        return found;
    }
    let mut quotes = 0_usize;
    for (event, range) in Parser::new(text).into_offset_iter() {
        match event {
            Event::Start(Tag::BlockQuote(_) | Tag::Image { .. }) => quotes += 1,
            Event::End(TagEnd::BlockQuote(_) | TagEnd::Image) => quotes = quotes.saturating_sub(1),
            Event::Start(Tag::Link { link_type: LinkType::Inline, .. }) => {
                found.extend(Mention::at(text, range, quotes > 0));
            }
            _ => {}
        }
    }
    found
}

impl<'a> Mention<'a> {
    /// Returns the mention that a link is, if it is one.
    fn at(text: &'a str, link: Range<usize>, quoted: bool) -> Option<Self> {
        let before = text[..link.start].strip_suffix('@')?;
        let escapes = before.len() - before.trim_end_matches('\\').len();
        let (name, id) = text[link.clone()].strip_prefix('[')?.strip_suffix(')')?.split_once(MARK)?;
        let user_id = Uuid::try_parse(id).ok()?;
        let is_one = escapes % 2 == 0 && !name.contains([']', '\n', '\r']);
        is_one.then_some(Self { range: link.start - 1..link.end, name, user_id, quoted })
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use proptest::{collection::vec, prelude::*, sample::select};

    use super::*;

    const ANN: &str = "@[Ann](user:0190c2e4-7d5b-7c3e-9a51-3f1d1f0c9b11)";

    fn is_told(text: &str) -> bool {
        !mentions(text).is_empty()
    }

    #[test]
    fn a_person_who_is_mentioned_twice_is_listed_once() {
        let id = Uuid::now_v7();
        assert_eq!(mentions(&format!("hi @[Ann](user:{id}), and @[Ann](user:{id})")), [id]);
        let none =
            format!("@[Ann\n](user:{id}) [Ann](user:{id}) @[x](user:nobody) @[a] b](user:{id}) @ [a](user:{id})");
        assert!(mentions(&none).is_empty(), "{none}");
        assert_eq!(without_markup(&none), none);
        assert_eq!(without_markup(&format!("@[Ann](user:{id}): hi")), "@Ann: hi");
    }

    #[test]
    fn code_and_escaped_text_contain_no_mentions() {
        for text in [
            "`ANN`",
            "``a ` ANN``",
            "```\nANN\n```",
            "~~~ text\nANN\n~~~",
            "```\nANN, in a fence that nothing closes",
            "- in a list\n\n  ```\n  ANN\n  ```",
            "    ANN",
            "text\n\n\tANN",
            "1. one\n\n       ANN",
            "\\ANN",
            "\\\\\\ANN",
            "<!-- ANN -->",
            "<pre>\nANN\n</pre>",
        ]
        .map(|text| text.replace("ANN", ANN))
        {
            assert!(!is_told(&text), "{text}");
            assert_eq!(without_markup(&text), text, "it is read as it is written");
        }
        assert!(!is_told(&ANN.replace('[', "\\[")) && !is_told(&ANN.replace("](", "]\\(")));
    }

    #[test]
    fn a_mention_in_a_quote_is_shown_as_a_name_but_notifies_nobody() {
        for quote in ["> ANN", "a\n> b\nANN, still quoted", "- > ANN", "> > ANN", ">ANN", "> - ANN", "![ANN](x.png)"] {
            let quote = quote.replace("ANN", ANN);
            assert!(!is_told(&quote), "{quote}");
            assert!(without_markup(&quote).contains("@Ann") && !without_markup(&quote).contains("user:"), "{quote}");
        }
    }

    #[test]
    fn mentions_are_found_in_all_other_text() {
        for text in [
            "ANN",
            "# ANN",
            "- ANN",
            "1. ANN\n2. b",
            "**ANN**",
            "_to ANN_",
            "(ANN)",
            "xANN",
            "   ANN",
            "> quoted\n\nANN",
            "a `code` ANN",
            "` ANN, after a backtick alone",
            "```\ncode\n```\nANN",
            "text\n    ANN, in a line that goes on",
            "\\\\ANN",
            "\\* ANN",
            "a\r\n\r\nANN",
            "<b>ANN</b>",
            "| ANN | b |\n|---|---|",
            "山田さん、ANN",
        ]
        .map(|text| text.replace("ANN", ANN))
        {
            assert!(is_told(&text), "{text}");
            assert!(without_markup(&text).contains("@Ann") && !without_markup(&text).contains("user:"), "{text}");
        }
    }

    #[test]
    fn people_who_were_mentioned_before_are_not_newly_mentioned() {
        let bob = ANN.replace("b11", "b12");
        let ids = |text: &str| mentions(text);
        assert_eq!(newly_mentioned("", &format!("{ANN} {bob}")), ids(&format!("{ANN} {bob}")));
        assert_eq!(newly_mentioned(ANN, &format!("{bob} {ANN}")), ids(&bob));
        assert_eq!(newly_mentioned(&format!("> {ANN}"), ANN), ids(ANN), "in a quote it told nobody");
        assert!(newly_mentioned(ANN, ANN).is_empty() && newly_mentioned(ANN, "").is_empty());
    }

    /// Uses texts ten times as long as a comment may be. With quadratic time they would take minutes.
    #[test]
    fn parsing_takes_linear_time() {
        for piece in [
            "[",
            "@[",
            ">",
            "> ",
            "`",
            "``` ",
            "*a ",
            "_",
            "![",
            "](user:",
            "\\",
            "<",
            "&",
            "- ",
            "\t",
            "[a](",
            "@[[](user:",
        ] {
            let text = format!("{}\n{ANN}", piece.repeat(200_000 / piece.len()));
            let begun = Instant::now();
            let _told = mentions(&text);
            assert!(begun.elapsed() < Duration::from_mins(1), "{piece:?} took {:?}", begun.elapsed());
        }
    }

    proptest! {
        /// Tests mentions and pieces of them and of Markdown, in any order. A mention that is found is removed from the
        /// text as a whole, except `@` and the name.
        #[test]
        fn the_markup_of_each_mention_is_removed_completely(pieces in vec(select(vec![
            ANN, ANN, "@[", "é]", "](user:", "0190c2e4-7d5b-7c3e-9a51-3f1d1f0c9b11", ")", "@", "\n", "x", "`", "> ", "    ", "\\", "\n\n", "![", "*",
        ]), 0..12)) {
            let text = pieces.concat();
            let markup = "[](user:0190c2e4-7d5b-7c3e-9a51-3f1d1f0c9b11)".len();
            let found = find(&text);
            prop_assert_eq!(text.len() - without_markup(&text).len(), found.len() * markup);
            prop_assert_eq!(mentions(&text).len(), usize::from(found.iter().any(|one| !one.quoted)), "each person once");
        }
    }
}
