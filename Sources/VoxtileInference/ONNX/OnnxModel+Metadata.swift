import Voxtile

extension OnnxModel {
  /// The text that the file's own metadata (`metadata_props`) has for a key, or `nil`.
  ///
  ///     model.metadata("voxtile.normalize")  // "peak:99,1.3"
  ///
  /// - Throws: `VoxtileError.Code.modelNotUsable` where ONNX Runtime cannot read it.
  public func metadata(_ key: String) throws -> String? {
    do {
      return try session.metadata(key)
    } catch {
      throw VoxtileError.modelNotLoaded(error, runtime).inFile(path)
    }
  }
}
