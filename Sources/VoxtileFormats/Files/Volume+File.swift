import Voxtile

extension Volume {
  /// Reads an image file whole.
  ///
  ///     let scan = try Volume<Float>(contentsOf: "brain.nii.gz")
  ///
  /// Stored values become real ones by the file's own scaling (`scl_slope` and `scl_inter` of NIfTI) and
  /// are converted to the type asked for: rounded to nearest and saturated where that is an integer.
  ///
  /// - Parameter path: the path of a file in any of ``ImageFormats``.
  /// - Throws: what ``ImageFormats/open(_:)`` and `VolumeReader.read(_:into:)` throw.
  public init(contentsOf path: String) throws {
    let reader = try ImageFormats.open(path)
    do {
      self = try reader.readReal()
    } catch let error as VoxtileError {
      throw error.inFile(path)
    }
  }

  /// Writes the volume to a file that appears whole or not at all.
  ///
  /// - Parameters:
  ///   - path: where to write; the ending chooses the format.
  ///   - options: how it is written; by default an existing file is not replaced.
  /// - Throws: what ``ImageFormats/create(_:info:options:)`` and `VolumeWriter` throw.
  public func write(to path: String, options: WriteOptions = WriteOptions()) throws {
    let info = VolumeInfo(
      extent: extent, channels: channels, scalarType: Scalar.scalarType, metadata: metadata)
    let writer = try ImageFormats.create(path, info: info, options: options)
    do {
      try writer.write(self, slices: 0..<extent.depth)
      try writer.finish()
    } catch let error as VoxtileError {
      throw error.inFile(path)
    }
  }
}
