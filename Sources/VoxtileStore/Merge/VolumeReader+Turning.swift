import Voxtile

extension VolumeReader {
  /// The same image with its axes in the order and directions of another one, where only those differ; else the image as it is.
  ///
  /// A compressed file, which cannot be read backwards, is inflated into a scratch file first.
  ///
  /// - Parameter other: the image whose axes it should have.
  /// - Throws: `VoxtileError.Code.fileAccess` where scratch cannot be had, and what reading throws.
  package func turned(like other: VolumeInfo) throws -> any VolumeReader {
    let own = info.metadata
    guard own.place == .world, other.metadata.place == .world,
      let axes = FileAxes(of: own.affine, in: other.metadata.affine), axes != .asInImage,
      axes.boxExtent(of: info.extent) == other.extent
    else { return self }
    let file: any VolumeReader = isRandomAccess ? self : try ScratchVolume(copying: self)
    return TurnedReader(file, axes: axes, metadata: axes.inverted.fileMetadata(of: own, extent: info.extent))
  }
}
