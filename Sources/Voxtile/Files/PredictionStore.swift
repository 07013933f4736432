/// Predictions of single patches, kept until they are merged. Several processes may add to them, each patches of its own.
package protocol PredictionStore: Sendable {
  /// Whether something is kept of a patch: its prediction, or that it was skipped.
  ///
  /// - Throws: `VoxtileError.Code.fileAccess` where the system fails.
  func holds(_ patch: Int) throws -> Bool

  /// Keeps the prediction of a patch. It is on the disk when this returns.
  ///
  /// - Parameters:
  ///   - values: of shape `(channels, depth, height, width)`; `nil` where the patch was skipped.
  ///   - extent: the size of the patch, which may be smaller than others.
  ///   - patch: its number in the grid.
  /// - Throws: `VoxtileError.Code.fileAccess` where the system fails.
  func keep(_ values: Span<Float>?, extent: Extent, ofPatch patch: Int) throws

  /// Reads the prediction of a patch.
  ///
  /// - Parameter extent: the size of the patch.
  /// - Returns: values of shape `(channels, depth, height, width)`; `nil` where the patch was skipped.
  /// - Throws: `VoxtileError.Code.malformedFile` where it is damaged, `VoxtileError.Code.fileAccess` where it is not there.
  func prediction(ofPatch patch: Int, extent: Extent) throws -> [Float]?

  /// Frees the memory or the disk of a patch whose prediction was merged. From then on nothing is held of it, but that it was there.
  ///
  /// - Throws: `VoxtileError.Code.fileAccess` where the system fails.
  func remove(_ patch: Int) throws

  /// Whether the prediction of a patch was merged and removed.
  ///
  /// - Throws: `VoxtileError.Code.fileAccess` where the system fails.
  func isRemoved(_ patch: Int) throws -> Bool
}
