import Voxtile
import VoxtileFormats

/// What is in a patch folder: the image that was cut, the grid, and every patch.
///
/// It is kept as `voxtile.json` beside the patches. The guide *The manifest* describes it field by field, and
/// `Schema/voxtile-1.schema.json` and `Schema/voxtile-2.schema.json` are its JSON Schemas. Every later release reads both
/// versions.
public struct Manifest: Sendable {
  /// The name of the file in a patch folder.
  public static let fileName = "voxtile.json"

  /// The image that was cut.
  public struct Source: Hashable, Sendable {
    /// The file name, without its folder.
    public var name: String
    /// The size in voxels.
    public var extent: Extent
    /// The number of values of each voxel.
    public var channels: Int
    /// The type of the stored values.
    public var scalarType: ScalarType
    /// How stored values become real ones; `nil` where they are the same.
    public var scaling: VolumeInfo.Scaling?
    /// Whether the file says that its values are labels.
    public var isLabelMap: Bool
    /// The colors of the values, where these are indices into a palette: 1 to 65536 colors, for one channel of `uint8` or
    /// `uint16`. `nil` where values are no indices.
    public var palette: [VolumeInfo.Color]?
    /// Where the image lies in the world, and the header to restore the file.
    public var metadata: VolumeMetadata
  }

  /// One patch of the folder.
  public struct Entry: Hashable, Sendable {
    /// The file name, without its folder.
    public var file: String
    /// The checksum of the file as it was written.
    public var checksum: Checksum
    /// How the axes of the file run along those of the image.
    ///
    /// Nothing in this release turns patches when it cuts them. A merge turns them back.
    public var axes = FileAxes.asInImage
  }

  /// The image that was cut.
  public var source: Source
  /// The grid it was cut on.
  public var grid: PatchGrid
  /// The ending of the patch files, such as `nii.gz`.
  public var fileExtension: String
  /// The name of the format of the patch files, such as `nifti`; `nil` where ``fileExtension`` tells it.
  public var fileFormat: String?
  /// What the name of each patch file has between the name of the patch and the ending, such as `_0000`; mostly nothing.
  ///
  /// A tool that reads `patch_0000_x000_y000_z000_0000.nii.gz` may write `patch_0000_x000_y000_z000.nii.gz`.
  public var fileSuffix = ""
  /// What was done to the values of the image before they were written to patch files; `nil` where these have the image's own.
  ///
  /// ``PatchStore/verify(against:pattern:limits:progress:)`` does the same to the image and compares. Nothing in this release
  /// changes values when it cuts patches.
  public var values: ValueMap?
  /// One entry for each patch of the grid, in its order.
  public var entries: [Entry]

  /// Whether patches of an image of labels are labels themselves, since nothing has moved their values.
  var holdsLabels: Bool { source.isLabelMap && values?.movesValues != true }

  /// What a reader of a patch file should find.
  public func expectedInfo(of patch: Patch) -> VolumeInfo {
    let axes = entries[patch.index].axes
    return VolumeInfo(
      extent: axes.fileExtent(of: patch.region.extent), channels: source.channels,
      scalarType: values?.scalarType ?? source.scalarType,
      scaling: values.map(\.scaling) ?? source.scaling,
      isLabelMap: holdsLabels,
      palette: source.palette,
      metadata: axes.fileMetadata(
        of: source.metadata.moved(to: patch.region.origin), extent: patch.region.extent))
  }
}

extension Manifest.Source {
  /// The image that a reader describes.
  init(name: String, info: VolumeInfo) {
    self.init(
      name: name, extent: info.extent, channels: info.channels, scalarType: info.scalarType,
      scaling: info.scaling, isLabelMap: info.isLabelMap, palette: info.palette, metadata: info.metadata)
  }

  /// What a reader of the image would say, without details.
  package var info: VolumeInfo {
    VolumeInfo(
      extent: extent, channels: channels, scalarType: scalarType, scaling: scaling, isLabelMap: isLabelMap,
      palette: palette, metadata: metadata)
  }
}
