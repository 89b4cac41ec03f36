//! The platform as far as the adapter needs it: variables, and the synchronous storage of an object. Nothing else can run between a read and a write, because nothing is awaited there: a
//! code is spent once, however many requests bring it.

use js_sys::Reflect;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen]
extern "C" {
    /// Bindings, variables and secrets.
    pub type Env;
    /// `DurableObjectState`.
    pub type ObjectState;
    /// `DurableObjectStorage` of a class with `SQLite`.
    pub type ObjectStorage;
    type SyncKv;

    #[wasm_bindgen(method, getter)]
    pub(crate) fn storage(this: &ObjectState) -> ObjectStorage;
    #[wasm_bindgen(method, js_name = waitUntil)]
    pub(crate) fn wait_until(this: &ObjectState, promise: &js_sys::Promise);
    #[wasm_bindgen(method, getter)]
    fn kv(this: &ObjectStorage) -> SyncKv;
    #[wasm_bindgen(method, js_name = setAlarm)]
    fn set_alarm(this: &ObjectStorage, at_ms: f64) -> js_sys::Promise;
    #[wasm_bindgen(method, catch, js_name = deleteAll)]
    async fn delete_all(this: &ObjectStorage) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn get(this: &SyncKv, key: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn put(this: &SyncKv, key: &str, value: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn delete(this: &SyncKv, key: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn list(this: &SyncKv) -> Result<js_sys::Iterator, JsValue>;
    #[wasm_bindgen(method, catch, js_name = list)]
    fn list_some(this: &SyncKv, options: &js_sys::Object) -> Result<js_sys::Iterator, JsValue>;
}

impl ObjectStorage {
    /// Reads a text. `None`: there is none.
    ///
    /// # Errors
    /// The storage fails, or the value is no text.
    pub(crate) fn read(&self, key: &str) -> Result<Option<String>, JsValue> {
        let value = self.kv().get(key)?;
        if value.is_undefined() { Ok(None) } else { value.as_string().map(Some).ok_or(value) }
    }

    /// Writes a text.
    ///
    /// # Errors
    /// The storage fails.
    pub(crate) fn write(&self, key: &str, text: &str) -> Result<(), JsValue> {
        self.kv().put(key, text).map(drop)
    }

    /// Removes a text.
    ///
    /// # Errors
    /// The storage fails.
    pub(crate) fn remove(&self, key: &str) -> Result<(), JsValue> {
        self.kv().delete(key).map(drop)
    }

    /// Every text.
    ///
    /// # Errors
    /// The storage fails.
    pub(crate) fn each(&self, mut take: impl FnMut(&str)) -> Result<(), JsValue> {
        for entry in &self.kv().list()? {
            let text = Reflect::get_u32(&entry?, 1)?.as_string();
            take(&text.unwrap_or_default());
        }
        Ok(())
    }

    /// So many entries after a key, in the order of their keys.
    ///
    /// # Errors
    /// The storage fails.
    pub(crate) fn each_after(&self, key: &str, limit: u32, mut take: impl FnMut(&str, &str)) -> Result<(), JsValue> {
        let options = js_sys::Object::new();
        Reflect::set(&options, &"startAfter".into(), &key.into())?;
        Reflect::set(&options, &"limit".into(), &limit.into())?;
        for entry in &self.kv().list_some(&options)? {
            let entry = entry?;
            let text = |at| Reflect::get_u32(&entry, at).map(|text| text.as_string().unwrap_or_default());
            take(&text(0)?, &text(1)?);
        }
        Ok(())
    }

    /// Deletes all entries, and the alarm.
    ///
    /// # Errors
    /// The storage fails.
    pub(crate) async fn clear(&self) -> Result<(), JsValue> {
        self.delete_all().await.map(drop)
    }

    /// Sets the alarm of the object.
    ///
    /// # Errors
    /// The storage fails.
    pub(crate) async fn wake_at(&self, at: base::UnixMs) -> Result<(), JsValue> {
        JsFuture::from(self.set_wake_at(at)).await.map(drop)
    }

    /// Sets the alarm of the object at once, together with what is written before the next `await`.
    pub(crate) fn set_wake_at(&self, at: base::UnixMs) -> js_sys::Promise {
        #[expect(clippy::as_conversions, clippy::cast_precision_loss, reason = "milliseconds have 41 bits")]
        self.set_alarm(at.millis() as f64)
    }
}

impl Env {
    /// A variable or a secret. `None`: there is none, or it is empty.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        let value = Reflect::get(self, &name.into()).ok()?.as_string();
        value.filter(|text| !text.is_empty())
    }
}
