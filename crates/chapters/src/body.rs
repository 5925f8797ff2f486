//! From a chapter's Markdown to HTML, marks and all.

use std::collections::BTreeSet;

use evenkeel_lesson::chapter::{TextMark, replace};
use evenkeel_lesson::library::{LanguageTexts, Library};
use pulldown_cmark::{Options, Parser, html};

use crate::figure;
use crate::keys;
use crate::lists;

/// Writes texts of one language and remembers which terms they explain.
pub struct ChapterWriter<'a> {
    library: &'a Library,
    language: &'a LanguageTexts,
    tag: &'a str,
    terms: BTreeSet<String>,
}

impl<'a> ChapterWriter<'a> {
    /// A writer for one page.
    pub const fn new(library: &'a Library, language: &'a LanguageTexts, tag: &'a str) -> Self {
        Self {
            library,
            language,
            tag,
            terms: BTreeSet::new(),
        }
    }

    /// The HTML of a text.
    pub fn html(&mut self, text: &str) -> Result<String, String> {
        let marked = replace(text, |mark| self.say(mark))?;
        let mut out = String::new();
        html::push_html(&mut out, Parser::new_ext(&marked, Options::ENABLE_TABLES));
        // A table may be wider than a phone; the reader scrolls it by itself.
        let out = out
            .replace(
                "<table>",
                "<div class=\"table\" role=\"region\" tabindex=\"0\"><table>",
            )
            .replace("</table>", "</table></div>")
            .replace("<pre>", "<pre tabindex=\"0\">");
        let label = escape(self.language.word("table"));
        Ok(out.replace(
            "role=\"region\"",
            &format!("role=\"region\" aria-label=\"{label}\""),
        ))
    }

    fn say(&mut self, mark: TextMark<'_>) -> Result<String, String> {
        match mark {
            TextMark::Claim(figure, id) => {
                let claim = self
                    .library
                    .figures
                    .get(figure)
                    .and_then(|figure| figure.claim(id))
                    .ok_or_else(|| format!("there is no claim {figure}/{id}"))?;
                let text = escape(&claim.say(self.language.marks()));
                Ok(format!("<a class=\"claim\" href=\"#{figure}\">{text}</a>"))
            }
            TextMark::Fact(text) => Ok(escape(&text.replace(' ', "\u{a0}"))),
            TextMark::Term(slug, shown) => self.term(slug, shown),
            TextMark::Kind(kind, shown) => Ok(self.kind(kind, shown)),
            TextMark::Server(name) => {
                let place = name.bytes().next().unwrap_or(b'A') - b'A';
                Ok(format!("<b class=\"server-name s{place}\">{name}</b>"))
            }
            TextMark::Figure(name) => {
                let html = figure::figure(self.library, self.language, self.tag, name)?;
                Ok(format!("\n{html}\n"))
            }
            TextMark::Line(part, code) => Ok(format!(
                "<button type=\"button\" class=\"line\" data-part=\"{part}\"><code>{}</code></button>",
                escape(code)
            )),
            TextMark::Weight(server, weight) => {
                let label = self
                    .language
                    .word("edit-weight")
                    .replace("{server}", server);
                Ok(format!(
                    "<input class=\"edit\" type=\"number\" min=\"0\" max=\"100\" disabled \
                     aria-label=\"{}\" value=\"{weight}\" data-weight=\"{server}\">",
                    escape(&label)
                ))
            }
            TextMark::Method => Ok(self.method()),
            TextMark::Keep(name, code) => {
                let word = escape(self.language.word("edit-keep"));
                let code = escape(code);
                Ok(format!(
                    "<label class=\"keep\"><input class=\"edit\" type=\"checkbox\" checked disabled \
                     data-line=\"{name}\"> {word}<span class=\"unseen\">: {code}</span></label>"
                ))
            }
            TextMark::Quiz => lists::quiz(self.language, self),
            TextMark::Keys => Ok(keys::keys(self.language)),
        }
    }

    /// A word with its explanation, which opens where the word stands, without any script.
    fn term(&mut self, slug: &str, shown: &str) -> Result<String, String> {
        let term = self
            .language
            .glossary
            .get(slug)
            .ok_or_else(|| format!("the glossary has no {slug:?}"))?;
        let shown = if shown.is_empty() { &term.term } else { shown };
        self.terms.insert(slug.to_string());
        Ok(format!(
            "<button type=\"button\" class=\"term\" popovertarget=\"term-{slug}\">{}</button>",
            escape(shown)
        ))
    }

    /// nginx's methods, as its configuration spells them.
    fn method(&self) -> String {
        let methods = [
            ("least_conn;", "weighted_least_connections"),
            ("", "weighted_round_robin"),
            ("ip_hash;", "ip_hash"),
            ("random;", "weighted_random"),
            ("random two least_conn;", "power_of_two"),
        ];
        let options: String = methods
            .iter()
            .map(|(line, id)| {
                let none = self.language.word("edit-no-line");
                let text = if line.is_empty() { none } else { line };
                format!("<option value=\"{id}\">{}</option>", escape(text))
            })
            .collect();
        format!(
            "<select class=\"edit\" disabled aria-label=\"{}\" data-method>{options}</select>",
            escape(self.language.word("edit-method"))
        )
    }

    fn kind(&self, kind: &str, shown: &str) -> String {
        let own = format!("kind-{kind}");
        let word = if shown.is_empty() {
            self.language.word(&own)
        } else {
            shown
        };
        format!("<span class=\"kind {kind}\">{}</span>", escape(word))
    }

    /// The explanations of the terms that were written.
    pub fn popovers(&self) -> String {
        let more = escape(self.language.word("in-glossary"));
        let one = |slug: &String| {
            let term = &self.language.glossary[slug];
            format!(
                "<div popover id=\"term-{slug}\" class=\"meaning\"><p><b>{}</b> {}</p>\
                 <p><a href=\"glossary.html#{slug}\">{more}</a></p></div>\n",
                escape(&term.term),
                escape(&term.means)
            )
        };
        self.terms.iter().map(one).collect()
    }
}

/// Text as HTML.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
