import Voxtile

/// A part of Zarr v3 that has a name and settings, such as a codec: `{"name": "gzip", "configuration": {"level": 5}}`, or the
/// name alone.
struct ZarrNamed {
  let name: String
  /// The settings; an empty object where there are none.
  var settings: ZarrFields

  /// - Parameter path: where the value stands.
  init(_ value: JSONValue, path: String) throws(VoxtileError) {
    if let name = value.string {
      self.name = name
      settings = try ZarrFields(.object([]), path: path)
      return
    }
    var fields = try ZarrFields(value, path: path)
    name = try fields.take("name", "a text") { $0.string }
    settings = try ZarrFields(
      fields.optional("configuration") ?? .object([]), path: "\(path).configuration")
    _ = fields.optional("must_understand")
    try fields.finish()
  }
}
