//! From a chapter's Markdown to HTML, marks and all.

use std::collections::BTreeSet;

use evenkeel_lesson::chapter::{TextMark, capital, ends_sentence, marks, replace_in_context};
use evenkeel_lesson::library::{LanguageTexts, Library};
use evenkeel_lesson::measure::Measure;
use evenkeel_scene::markup::escape;
use maud::{Markup, PreEscaped, html};
use pulldown_cmark::{Options, Parser, html};

use crate::keys::keys;
use crate::quiz::quiz;
use crate::{code, figure, fold};

/// Writes texts of one language and remembers which terms they explain.
pub struct ChapterWriter<'a> {
    library: &'a Library,
    language: &'a LanguageTexts,
    tag: &'a str,
    terms: BTreeSet<String>,
    /// The figures of the page.
    here: BTreeSet<String>,
}

impl<'a> ChapterWriter<'a> {
    /// A writer for one page.
    pub const fn new(library: &'a Library, language: &'a LanguageTexts, tag: &'a str) -> Self {
        Self {
            library,
            language,
            tag,
            terms: BTreeSet::new(),
            here: BTreeSet::new(),
        }
    }

    /// The HTML of a chapter's text: what gives a figure's answer away is folded.
    ///
    /// # Errors
    /// A mark that leads nowhere, or a figure that cannot be run.
    pub fn chapter(&mut self, text: &str) -> Result<Markup, String> {
        let figures = marks(text)?.into_iter().filter_map(TextMark::figure);
        self.here = figures.map(str::to_string).collect();
        let folded = fold::fold(text, self.language)?;
        self.html(&folded)
    }

    /// The HTML of a text.
    ///
    /// # Errors
    /// A mark that leads nowhere, or a figure that cannot be run.
    pub fn html(&mut self, text: &str) -> Result<Markup, String> {
        let marked = replace_in_context(text, |mark, before| self.say(mark, before))?;
        let mut out = String::new();
        let events = Parser::new_ext(&marked, Options::ENABLE_TABLES);
        html::push_html(&mut out, code::coloured(events));
        // A table or a line of code may be wider than a phone; the reader scrolls it by itself, also by keyboard.
        let label = escape(self.language.word("table"));
        let region = format!(
            "<div class=\"table\" role=\"region\" tabindex=\"0\" aria-label=\"{label}\"><table>"
        );
        let out = out
            .replace("<table>", &region)
            .replace("</table>", "</table></div>")
            .replace("<pre>", "<pre tabindex=\"0\">");
        Ok(PreEscaped(out))
    }

    /// What stands in the place of a mark, after the text `before`.
    fn say(&mut self, mark: TextMark<'_>, before: &str) -> Result<String, String> {
        Ok(match mark {
            TextMark::Claim(figure, id) => self.claim(figure, id)?,
            TextMark::Fact(text) => html! { (text.replace(' ', "\u{a0}")) },
            TextMark::Term(slug, shown) => self.term(slug, shown, ends_sentence(before))?,
            TextMark::Kind(kind, shown) => self.kind(kind, shown),
            TextMark::Server(name) => {
                let place = name.bytes().next().unwrap_or(b'A') - b'A';
                html! { b class={ "server-name s" (place) } { (name) } }
            }
            TextMark::Figure(name) => block(&self.figure(name)?),
            // The figure goes on up to its end, with the text in it.
            TextMark::With(name) => {
                let figure = self.figure(name)?.0;
                let open = figure.strip_suffix("</figure>").unwrap_or(&figure);
                let open = open.replacen("class=\"fig\"", "class=\"fig with\"", 1);
                block(&PreEscaped(open + "<div class=\"lines\">"))
            }
            TextMark::End => block(&PreEscaped("</div></figure>".to_string())),
            TextMark::Line(part, code) => html! {
                button.line type="button" data-part=(part) { code { (code::spans(code)) } }
            },
            TextMark::Weight(server, weight) => {
                let label = self.language.word("edit-weight");
                html! {
                    input.edit type="number" min="0" max="100" disabled
                        aria-label=(label.replace("{server}", server))
                        value=(weight) data-weight=(server);
                }
            }
            TextMark::Method => self.method(),
            TextMark::Keep(name, code) => html! {
                label.keep {
                    input.edit type="checkbox" checked disabled data-line=(name);
                    " " (self.language.word("edit-keep"))
                    span.unseen { ": " (code) }
                }
            },
            TextMark::Quiz => block(&quiz(self.language, |text| self.html(text))?),
            TextMark::Keys => block(&keys(self.language)),
        }
        .into_string())
    }

    fn figure(&self, name: &str) -> Result<Markup, String> {
        figure::figure(self.library, self.language, self.tag, name)
    }

    /// A number that a run confirms, with a link to its figure. A number that the run has to show first is kept back
    /// until the figure of the page has run: see `assets/chapters/lesson.js`.
    fn claim(&self, name: &str, id: &str) -> Result<Markup, String> {
        let figure = self.library.figures.get(name);
        let claim = figure
            .and_then(|figure| figure.claim(id))
            .ok_or_else(|| format!("there is no claim {name}/{id}"))?;
        let text = claim.say(self.language.marks());
        let here = self.here.contains(name);
        let page = self.language.page_of(name).filter(|_| !here);
        let file = page.map_or(String::new(), |slug| format!("{slug}.html"));
        let given = matches!(claim.measure, Measure::Given(_) | Measure::GivenTime(_));
        let kept = (here && !given).then_some(name);
        Ok(html! { a.claim href={ (file) "#" (name) } data-of=[kept] { span { (text) } } })
    }

    /// A word with its explanation, which opens where the word stands, without any script. The glossary's own form has a
    /// capital letter where a sentence begins.
    fn term(&mut self, slug: &str, shown: &str, first: bool) -> Result<Markup, String> {
        let term = self
            .language
            .glossary
            .get(slug)
            .ok_or_else(|| format!("the glossary has no {slug:?}"))?;
        let shown = match (shown, first) {
            ("", true) => capital(&term.term),
            ("", false) => term.term.clone(),
            (shown, _) => shown.to_string(),
        };
        self.terms.insert(slug.to_string());
        Ok(html! {
            button.term type="button" popovertarget={ "term-" (slug) } { (shown) }
        })
    }

    /// nginx's methods, as its configuration spells them.
    fn method(&self) -> Markup {
        let methods = [
            ("least_conn;", "weighted_least_connections"),
            (self.language.word("edit-no-line"), "weighted_round_robin"),
            ("ip_hash;", "ip_hash"),
            ("random;", "weighted_random"),
            ("random two least_conn;", "power_of_two"),
        ];
        html! {
            select.edit disabled aria-label=(self.language.word("edit-method")) data-method {
                @for (line, id) in methods { option value=(id) { (line) } }
            }
        }
    }

    fn kind(&self, kind: &str, shown: &str) -> Markup {
        let own = format!("kind-{kind}");
        let word = if shown.is_empty() {
            self.language.word(&own)
        } else {
            shown
        };
        html! { span class={ "kind " (kind) } { (word) } }
    }

    /// The explanations of the terms that were written.
    pub fn popovers(&self) -> Markup {
        let terms = self.terms.iter();
        let terms = terms.map(|slug| (slug, &self.language.glossary[slug]));
        html! {
            @for (slug, term) in terms {
                div.meaning popover id={ "term-" (slug) } {
                    p { b { (term.term) } " " (term.means) }
                    p { a href={ "glossary.html#" (slug) } { (self.language.word("in-glossary")) } }
                }
            }
        }
    }
}

/// A block of HTML within Markdown: on lines of its own, and without the blank line that would end it.
fn block(markup: &Markup) -> Markup {
    PreEscaped(format!("\n{}\n", markup.0.replace("\n\n", "\n")))
}
