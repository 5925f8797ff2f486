//! The page round a text: head, plan at the side, next and previous.

use evenkeel_lesson::chapter::Chapter;
use evenkeel_lesson::library::LanguageTexts;

use crate::body::{ChapterWriter, escape};
use crate::write::ChapterSite;

/// What all pages of a language share.
pub struct Shell<'a> {
    /// The site.
    pub site: &'a ChapterSite<'a>,
    /// The language's tag.
    pub tag: &'a str,
    /// The language.
    pub language: &'a LanguageTexts,
    /// The tags of all languages that have chapters.
    pub spoken: &'a [&'a str],
}

/// What the head of a page says.
pub struct Head<'a> {
    /// The title, without the project's name.
    pub title: &'a str,
    /// For search engines.
    pub about: &'a str,
    /// The file's name without the ending.
    pub file: &'a str,
    /// The files before and after it.
    pub around: [Option<&'a str>; 2],
}

/// A chapter's page.
pub fn chapter(
    shell: &Shell<'_>,
    writer: &mut ChapterWriter<'_>,
    place: usize,
) -> Result<String, String> {
    let chapters = &shell.language.chapters;
    let chapter = &chapters[place];
    let text = writer
        .html(&chapter.body)
        .map_err(|error| format!("{}/{}: {error}", shell.tag, chapter.slug))?;
    let sources = writer.html(&list(&chapter.sources))?;
    let before = place.checked_sub(1).map(|place| &chapters[place]);
    let after = chapters.get(place + 1);
    let word = |name| escape(shell.language.word(name));
    let main = format!(
        "<main id=\"text\" data-chapter=\"{slug}\">\n<article>\n<h1>{title}</h1>\n\
         <p class=\"lede\">{lede}</p>\n{text}\n\
         <section class=\"sources\"><h2>{sources_word}</h2>\n{sources}</section>\n</article>\n\
         {steps}\n{terms}\n</main>",
        slug = chapter.slug,
        title = escape(&chapter.title),
        lede = escape(&chapter.lede),
        sources_word = word("sources"),
        steps = steps(shell, before, after),
        terms = writer.popovers(),
    );
    let head = Head {
        title: &chapter.title,
        about: &chapter.about,
        file: &chapter.slug,
        around: [before, after].map(|one| one.map(|one| one.slug.as_str())),
    };
    Ok(whole(shell, &head, Some(chapter), &main))
}

fn list(lines: &[String]) -> String {
    lines.iter().map(|line| format!("- {line}\n")).collect()
}

fn steps(shell: &Shell<'_>, before: Option<&Chapter>, after: Option<&Chapter>) -> String {
    let step = |rel: &str, chapter: &Chapter| {
        format!(
            "<a rel=\"{rel}\" class=\"{rel}\" href=\"{}.html\"><small>{}</small> {}</a>",
            chapter.slug,
            escape(shell.language.word(rel)),
            escape(&chapter.short)
        )
    };
    let before = before.map_or(String::new(), |one| step("prev", one));
    let after = after.map_or_else(
        || {
            let word = escape(shell.language.word("finish"));
            format!("<a class=\"next\" href=\"../../index.html\">{word}</a>")
        },
        |one| step("next", one),
    );
    let label = escape(shell.language.word("steps"));
    format!("<nav class=\"steps\" aria-label=\"{label}\">{before}{after}</nav>")
}

/// A whole page round its `<main>`.
pub fn whole(shell: &Shell<'_>, head: &Head<'_>, now: Option<&Chapter>, main: &str) -> String {
    let word = |name| escape(shell.language.word(name));
    let styles: String = shell
        .site
        .styles
        .iter()
        .map(|file| format!("<link rel=\"stylesheet\" href=\"../../{file}\">\n"))
        .collect();
    let link = |rel: &str, file: Option<&str>| {
        file.map_or(String::new(), |file| {
            format!("<link rel=\"{rel}\" href=\"{file}.html\">\n")
        })
    };
    let others = addresses(shell, head.file);
    format!(
        "<!doctype html>\n<html lang=\"{tag}\" data-root=\"../../\" data-program=\"../../{program}\">\n\
         <head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title} · Evenkeel</title>\n<meta name=\"description\" content=\"{about}\">\n\
         <meta property=\"og:title\" content=\"{title}\">\n\
         <meta property=\"og:description\" content=\"{about}\">\n\
         <meta property=\"og:type\" content=\"article\">\n\
         <meta property=\"og:image\" content=\"{image}\">\n\
         <meta name=\"twitter:card\" content=\"summary_large_image\">\n\
         <link rel=\"icon\" type=\"image/svg+xml\" href=\"../icon.svg\">\n\
         {styles}<link rel=\"stylesheet\" href=\"../lesson.css\">\n\
         <script src=\"../early.js\"></script>\n\
         <script type=\"module\" src=\"../lesson.js\"></script>\n\
         {prev}{next}{others}</head>\n<body>\n\
         <a class=\"skip\" href=\"#text\">{skip}</a>\n\
         <div class=\"wrap\">\n{side}\n{main}\n</div>\n{frame}</body>\n</html>\n",
        tag = shell.tag,
        program = shell.site.program,
        policy = escape(shell.site.policy),
        title = escape(head.title),
        about = escape(head.about),
        image = image(shell),
        prev = link("prev", head.around[0]),
        next = link("next", head.around[1]),
        skip = word("skip"),
        side = side(shell, head, now),
        frame = frame(shell, now),
    )
}

/// Where this page is, and where the same is in other languages. Those who read these want whole
/// addresses, so a build that does not know its own says nothing.
fn addresses(shell: &Shell<'_>, file: &str) -> String {
    let site = escape(shell.site.address);
    if site.is_empty() {
        return String::new();
    }
    let twins = shell.spoken.iter().map(|tag| {
        let to = format!("{site}chapters/{tag}/{file}.html");
        format!("<link rel=\"alternate\" hreflang=\"{tag}\" href=\"{to}\">\n")
    });
    let own = shell.tag;
    let canonical = format!("<link rel=\"canonical\" href=\"{site}chapters/{own}/{file}.html\">\n");
    std::iter::once(canonical).chain(twins).collect()
}

/// The picture that other places show beside a link to a page. Those who read its address want it whole;
/// where the build does not know its own, it is told from the page.
fn image(shell: &Shell<'_>) -> String {
    let site = match shell.site.address {
        "" => "../../",
        address => address,
    };
    escape(&format!("{site}assets/preview.png"))
}

/// The words that figures need once they are awake.
fn frame(shell: &Shell<'_>, now: Option<&Chapter>) -> String {
    if now.is_none() {
        return String::new();
    }
    let json = serde_json::to_string(&shell.language.frame).unwrap_or_default();
    let json = json.replace('<', "\\u003c");
    format!("<script type=\"application/json\" id=\"frame\">{json}</script>\n")
}

/// The plan at the side.
fn side(shell: &Shell<'_>, head: &Head<'_>, now: Option<&Chapter>) -> String {
    let word = |name| escape(shell.language.word(name));
    let chapters: String = shell
        .language
        .chapters
        .iter()
        .map(|chapter| {
            let here = now.is_some_and(|now| now.slug == chapter.slug);
            let current = if here { " aria-current=\"page\"" } else { "" };
            format!(
                "<li data-slug=\"{slug}\"><a href=\"{slug}.html\"{current}>{number} {short}</a></li>\n",
                slug = chapter.slug,
                number = chapter.number,
                short = escape(&chapter.short)
            )
        })
        .collect();
    let minutes = now.map_or(String::new(), |now| {
        let text = word("minutes").replace("{minutes}", &now.minutes().to_string());
        format!("<p class=\"minutes\">{text}</p>\n")
    });
    let languages: String = shell
        .spoken
        .iter()
        .filter(|tag| **tag != shell.tag)
        .map(|tag| {
            let own = escape(&own_name(tag));
            let file = head.file;
            format!(
                "<a href=\"../{tag}/{file}.html\" lang=\"{tag}\" hreflang=\"{tag}\">{own}</a>\n"
            )
        })
        .collect();
    format!(
        "<header class=\"side\">\n<p class=\"brand\"><a href=\"../../index.html\">Evenkeel</a></p>\n\
         <nav aria-label=\"{plan}\">\n<details class=\"plan\" open><summary>{plan}</summary>\n\
         <ol>\n{chapters}</ol></details>\n</nav>\n{minutes}\
         <p class=\"more\"><a href=\"index.html\">{overview}</a> <a href=\"glossary.html\">{glossary}</a>\n\
         {languages}</p>\n</header>",
        plan = word("plan"),
        overview = word("overview"),
        glossary = word("glossary"),
    )
}

/// A language's name for itself.
pub fn own_name(tag: &str) -> String {
    match tag {
        "en" => "English",
        "es" => "Español",
        "de" => "Deutsch",
        other => other,
    }
    .to_string()
}
