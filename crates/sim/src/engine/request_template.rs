//! The heads of requests: what an L7 balancer reads of a request of each class.
//!
//! Owns one template for each class and the text that paths are written into. **Invariant:** a path holds until the next
//! one is written, so that a request allocates nothing. The form of a head is that of RFC 9110.

use std::fmt::Write as _;

use crate::balance::l7::request_head::RequestHead;
use crate::fleet::spec::ClassSpec;
use crate::ids::ClassId;
use crate::scenario::Scenario;

/// The request head of a class, without the path.
#[derive(Clone, Debug)]
pub struct RequestTemplate {
    /// The method of the requests, like `GET`.
    pub method: String,
    /// The host of the requests.
    pub host: String,
    /// The headers, as name and value.
    pub headers: Vec<(String, String)>,
    /// The cookies, as name and value.
    pub cookies: Vec<(String, String)>,
}

/// The request heads of all classes, and the text that paths are written into.
#[derive(Clone, Debug)]
pub(super) struct RequestTemplates {
    classes: Vec<ClassTemplate>,
    /// The path that was written last. Kept, so that a path allocates nothing.
    text: String,
}

#[derive(Clone, Debug)]
struct ClassTemplate {
    head: RequestTemplate,
    path: String,
    items: u32,
}

impl ClassTemplate {
    fn new(class: &ClassSpec) -> Self {
        let head = RequestTemplate {
            method: class.method().to_string(),
            host: class.host.clone(),
            headers: class.all_headers(),
            cookies: class.cookies.clone().into_iter().collect(),
        };
        Self {
            head,
            path: class.path.clone(),
            items: class.items,
        }
    }

    /// Writes the path, with the number of the item if there is more than one.
    fn write_path(&self, text: &mut String, item: u32) {
        text.push_str(&self.path);
        if self.items > 1 {
            // A String takes all that is written to it.
            let _ = write!(text, "{item}");
        }
    }
}

impl RequestTemplates {
    /// The templates of a scenario's classes, in their order.
    pub(super) fn new(scenario: &Scenario) -> Self {
        Self {
            classes: scenario.classes.iter().map(ClassTemplate::new).collect(),
            text: String::new(),
        }
    }

    /// The template of a class.
    pub(super) fn of(&self, class: ClassId) -> &RequestTemplate {
        &self.classes[class.index()].head
    }

    /// The path of a request.
    pub(super) fn path(&mut self, class: ClassId, item: u32) -> &str {
        self.text.clear();
        self.classes[class.index()].write_path(&mut self.text, item);
        &self.text
    }

    /// The path of a request, in a text of its own.
    pub(super) fn path_text(&self, class: ClassId, item: u32) -> String {
        let mut text = String::new();
        self.classes[class.index()].write_path(&mut text, item);
        text
    }

    /// The head of a request.
    pub(super) fn head(&mut self, class: ClassId, item: u32) -> RequestHead<'_> {
        self.path(class, item);
        let head = &self.classes[class.index()].head;
        RequestHead {
            method: &head.method,
            host: &head.host,
            path: &self.text,
            headers: &head.headers,
            cookies: &head.cookies,
        }
    }
}
