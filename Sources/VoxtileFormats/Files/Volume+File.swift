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

  /// Writes the volume to a file that appears whole or not at all. Indices into a palette keep the palette of the file that
  /// they were read from, as long as every value has a color in it.
  ///
  /// - Parameters:
  ///   - path: where to write; the ending chooses the format.
  ///   - options: how it is written; by default an existing file is not replaced.
  /// - Throws: what ``ImageFormats/create(_:info:options:)`` and `VolumeWriter` throw.
  public func write(to path: String, options: WriteOptions = WriteOptions()) throws {
    let info = VolumeInfo(
      extent: extent, channels: channels, scalarType: Scalar.scalarType, palette: palette, metadata: metadata)
    let writer = try ImageFormats.create(path, info: info, options: options)
    do {
      try writer.write(self, slices: 0..<extent.depth)
      try writer.finish()
    } catch let error as VoxtileError {
      throw error.inFile(path)
    }
  }

  /// The palette of the file that the volume was read from, where its values are still indices into it.
  private var palette: [VolumeInfo.Color]? {
    guard let header = metadata.header, channels == 1, Scalar.scalarType == .uint8,
      let palette = ImageFormats.registry.format(named: header.format)?.palette(of: header),
      let range = range(in: Region(extent)), range.upperBound < Double(palette.count)
    else { return nil }
    return palette
  }
}
