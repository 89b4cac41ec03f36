//! Converts a reply of the core into a `Response`, or into the plan that `edge.js` executes.

use gate::{Answer, Gate, Reply, Why, http::trace::trace_id};
use js_sys::Reflect;
use wasm_bindgen::JsValue;
use web_sys::{Headers, Response, ResponseInit};

use crate::log;

/// Logs a reply and converts it.
pub(crate) fn act(reply: Reply, why: Why, gate: &Gate, head: &str) -> Result<JsValue, JsValue> {
    match reply {
        Reply::Forward(forward, events) => {
            if !events.is_empty() {
                log::reply(gate, why, (0, "", trace_id(head)), &events);
            }
            Ok(JsValue::from_str(&forward.encode(why)))
        }
        Reply::Answer(answer, events) => {
            log::reply(gate, why, (answer.status, &answer.request, trace_id(head)), &events);
            let response = respond(&answer)?;
            // For `metrics.js`, which sees only the response.
            let label = format!("{}\n{}", why.code(), gate.site_id(head));
            Reflect::set(&response, &"label".into(), &label.into())?;
            Ok(response)
        }
    }
}

/// Converts an answer into a `Response`.
pub(crate) fn respond(answer: &Answer) -> Result<JsValue, JsValue> {
    let headers = Headers::new()?;
    for (name, value) in &answer.headers {
        headers.append(name, value)?;
    }
    let init = ResponseInit::new();
    init.set_status(answer.status);
    init.set_headers(&headers);
    Response::new_with_opt_str_and_init(Some(&answer.body), &init).map(Into::into)
}
