/// One line of JSON for script/bench. Fields that do not apply are omitted.
struct Reply: Encodable {
  /// The duration of the run.
  var seconds: Double?
  /// The size of the volume.
  var volumeBytes: Int?
  /// The size of all patches.
  var patchBytes: Int?
  /// The number of patches.
  var patches: Int?
  /// The number of wrong values.
  var wrong: Int?
  /// The largest error among them.
  var worst: Double?
  /// Why the request failed.
  var error: String?
}
