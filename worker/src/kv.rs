//! The synchronous storage of an object. Nothing else can run between a read and a write, because nothing is awaited there: a
//! code is spent once, however many requests bring it.

use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// `DurableObjectState`.
    pub type ObjectState;
    /// `DurableObjectStorage` of a class with `SQLite`.
    pub type ObjectStorage;
    type SyncKv;

    #[wasm_bindgen(method, getter)]
    pub(crate) fn storage(this: &ObjectState) -> ObjectStorage;
    #[wasm_bindgen(method, getter)]
    fn kv(this: &ObjectStorage) -> SyncKv;
    #[wasm_bindgen(method, catch, js_name = setAlarm)]
    async fn set_alarm(this: &ObjectStorage, at_ms: f64) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn get(this: &SyncKv, key: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn put(this: &SyncKv, key: &str, value: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn delete(this: &SyncKv, key: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn list(this: &SyncKv) -> Result<js_sys::Iterator, JsValue>;
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
            let text = js_sys::Reflect::get_u32(&entry?, 1)?.as_string();
            take(&text.unwrap_or_default());
        }
        Ok(())
    }

    /// Sets the alarm of the object.
    ///
    /// # Errors
    /// The storage fails.
    pub(crate) async fn wake_at(&self, at: base::UnixMs) -> Result<(), JsValue> {
        #[expect(clippy::as_conversions, clippy::cast_precision_loss, reason = "milliseconds have 41 bits")]
        self.set_alarm(at.millis() as f64).await.map(drop)
    }
}
