/// One line of JSON back to script/bench. What does not apply is left out.
struct Reply: Encodable {
  /// How long it took.
  var seconds: Double?
  /// Bytes of the volume.
  var volumeBytes: Int?
  /// Bytes of all patches.
  var patchBytes: Int?
  /// The number of patches.
  var patches: Int?
  /// Values that are not what they should be.
  var wrong: Int?
  /// How far the worst of them is off.
  var worst: Double?
  /// Why the request failed.
  var error: String?
}
