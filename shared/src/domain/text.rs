//! Text: the Unicode form in which it is stored, and whether it has something to read.

use serde_json::Value;
use unicode_normalization::{UnicodeNormalization, is_nfc};

/// Returns a text in the form in which it is stored, compared and searched: NFC, in which é is one character, however
/// it was typed.
pub fn compose(text: String) -> String {
    if is_composed(&text) { text } else { text.nfc().collect() }
}

/// Returns whether a text is in that form.
pub fn is_composed(text: &str) -> bool {
    text.is_ascii() || is_nfc(text)
}

/// Converts every text in a JSON value to that form, except passwords, which are also checked as they were typed.
pub fn compose_all(value: &mut Value) {
    match value {
        Value::String(text) => *text = compose(std::mem::take(text)),
        Value::Array(items) => items.iter_mut().for_each(compose_all),
        Value::Object(members) => {
            let texts = members.iter_mut().filter(|(name, _)| !PASSWORDS.contains(&name.as_str()));
            texts.for_each(|(_, member)| compose_all(member));
        }
        _ => {}
    }
}

/// The names of passwords in requests.
const PASSWORDS: [&str; 3] = ["password", "current_password", "new_password"];

/// Returns the form in which a password is compared, whatever keyboard it was typed on: composed (NFC), with every
/// kind of space as an ASCII space, as the profile `OpaqueString` of RFC 8265 says. Nothing is refused here that
/// people may have chosen before.
pub fn prepared_password(password: &str) -> String {
    let space = |c| {
        if matches!(c, '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}') {
            ' '
        } else {
            c
        }
    };
    compose(password.chars().map(space).collect())
}

/// Returns whether a password may be chosen.
pub fn is_good_password(password: &str) -> bool {
    let enough = prepared_password(password).chars().count() >= 10;
    enough && !is_blank(password) && !password.chars().any(char::is_control)
}

/// Returns whether a text has nothing to read: it has only blanks and invisible characters.
pub fn is_blank(text: &str) -> bool {
    text.chars().all(is_invisible)
}

/// Returns whether an e-mail program would make a link of a part of the text.
pub fn has_web_address(text: &str) -> bool {
    let plain: String = text.chars().filter(|&c| !is_invisible(c)).nfkc().collect();
    let plain = plain.to_lowercase();
    plain.contains("://") || plain.contains("www.")
}

fn is_invisible(c: char) -> bool {
    c.is_whitespace() || c.is_control() || INVISIBLE.iter().any(|(first, last)| (*first..=*last).contains(&c))
}

/// Invisible characters, besides blanks and control characters: Unicode's default-ignorable code points, annotation
/// marks, and letters and symbols that are blank.
const INVISIBLE: [(char, char); 21] = [
    ('\u{ad}', '\u{ad}'),       // soft hyphen
    ('\u{34f}', '\u{34f}'),     // combining grapheme joiner
    ('\u{61c}', '\u{61c}'),     // Arabic letter mark
    ('\u{115f}', '\u{1160}'),   // Hangul fillers
    ('\u{17b4}', '\u{17b5}'),   // Khmer inherent vowels
    ('\u{180b}', '\u{180f}'),   // Mongolian variation selectors
    ('\u{200b}', '\u{200f}'),   // zero width, and marks of direction
    ('\u{202a}', '\u{202e}'),   // embeddings and overrides of direction
    ('\u{2060}', '\u{206f}'),   // word joiner, invisible operators, isolates
    ('\u{2800}', '\u{2800}'),   // braille blank
    ('\u{3164}', '\u{3164}'),   // Hangul filler
    ('\u{fdd0}', '\u{fdef}'),   // no characters
    ('\u{fe00}', '\u{fe0f}'),   // variation selectors
    ('\u{feff}', '\u{feff}'),   // byte-order mark
    ('\u{ffa0}', '\u{ffa0}'),   // halfwidth Hangul filler
    ('\u{fff0}', '\u{fffb}'),   // unassigned, and annotation marks
    ('\u{fffe}', '\u{ffff}'),   // no characters
    ('\u{1bca0}', '\u{1bca3}'), // shorthand format controls
    ('\u{1d159}', '\u{1d159}'), // null notehead
    ('\u{1d173}', '\u{1d17a}'), // musical format controls
    ('\u{e0000}', '\u{e0fff}'), // tags, variation selectors
];

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn all_texts_except_passwords_are_composed() {
        let mut body = json!({
            "title": "Cafe\u{301}", "labels": ["e\u{301}", 1, null], "deep": [{ "name": "A\u{30a}" }], "password": "e\u{301}",
            "current_password": "e\u{301}", "new_password": "e\u{301}"
        });
        compose_all(&mut body);
        let composed = json!({
            "title": "Café", "labels": ["é", 1, null], "deep": [{ "name": "Å" }], "password": "e\u{301}",
            "current_password": "e\u{301}", "new_password": "e\u{301}"
        });
        assert_eq!(body, composed);
    }

    #[test]
    fn a_text_of_invisible_characters_is_blank() {
        for blank in [
            "",
            " \u{3000}\u{a0}",
            "\u{200b}",
            "\u{3164}",
            "\u{115f}\u{1160}",
            "\u{ffa0}",
            "\u{2800}",
            "\u{ad}",
            "\u{fe0f}",
            "\u{2060}\u{2061}",
            "\u{e0020}",
            "\u{feff}",
            "\u{202e}",
            "\u{2029}",
            "\u{fff9}",
            "\u{34f}",
            "\u{180e}",
            "\t\n",
        ] {
            assert!(is_blank(blank), "{blank:?}");
        }
        for seen in ["x", "\u{200b}.\u{200b}", "é", "山", "🏳️‍🌈", "ㅤa", "\u{301}", "-"] {
            assert!(!is_blank(seen), "{seen:?}");
        }
    }

    #[test]
    fn web_addresses_are_found_however_they_are_written() {
        for address in
            ["see https://evil.example", "WWW.evil.example", "ｗｗｗ．evil.example", "w\u{200b}ww.x", "ftp:／／x"]
        {
            assert!(has_web_address(address), "{address}");
        }
        for name in ["Ann", "Dr. Müller-Lüdenscheidt", "A / B: C", "Ewww", "www"] {
            assert!(!has_web_address(name), "{name}");
        }
    }
}
