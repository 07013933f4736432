import Voxtile
import VoxtileFormats
import VoxtileStore

/// The images, the grid and the options of a report.
///
///     var request = ReportRequest(image: "brain.nii.gz", grid: grid)
///     request.merged = "merged.nii.gz"
///     try ReportPage(ReportData(request)).write(to: "page.html")
public struct ReportRequest: Sendable {
  /// The path of the source image, before or after cropping; `nil` to draw it from the patches in ``store``.
  public var image: String?
  /// The patch folder; `nil` if there is none yet.
  public var store: PatchStore?
  /// The grid.
  public var grid: PatchGrid
  /// The path of the merged image, which is compared with ``image``; `nil` if there is none.
  public var merged: String?
  /// The name of the blend that made ``merged``; `nil` if unknown.
  public var blend: String?
  /// What a person should know about the merge: which blend was chosen and why, what was missing, lost or changed.
  public var remarks: [String] = []
  /// The paths of images to show as overlays, such as label or probability maps. Their size must equal the grid's
  /// extent.
  public var overlays: [String] = []
  /// The channels that the page offers, counted from 0; `nil` for all channels of an image with up to four, or else its first, and
  /// for the first 16 of an overlay. Color channels are shown together.
  public var channels: [Int]?
  /// Whether values are labels; `nil` to detect it from the file and its values.
  public var isLabelMap: Bool?
  /// The paths of tables with the names and colors of labels, as ITK-SNAP, FreeSurfer, 3D Slicer, MRIcron or nnU-Net have them: one for
  /// all label maps, or one for each of ``overlays``. What they do not name is named by what lies beside each map.
  public var labelTables: [String] = []
  /// The limits of a later crop or merge, for which the report estimates memory.
  public var limits = JobLimits()
  /// How the report was made.
  public var origin = ReportData.Origin(version: "")
  /// The maximum number of voxels in a picture. Building it takes 20 bytes of memory for each voxel.
  package var pictureVoxels = 7_500_000
  /// The maximum size in bytes of all pictures in the page. Pictures are shrunk until they fit.
  package var pictureBytes = 6_000_000
  /// Whether the borders of each patch are scored, which takes up to 30 MB.
  package var scoresPatches = true
  /// The most bytes of a slab of real values while images are read. A few slabs are in memory at once.
  package var slabBytes = SlabScan.maxBytes
  /// Called regularly while images are read. Throw from it to cancel.
  public var check: @Sendable () throws -> Void = {}

  /// Creates the request for an image that has not been cropped yet.
  ///
  /// - Parameters:
  ///   - image: the path of the image.
  ///   - grid: the patches to show; its extent is that of the image.
  public init(image: String, grid: PatchGrid) {
    self.image = image
    self.grid = grid
  }

  /// Creates the request for a patch folder.
  ///
  /// - Parameters:
  ///   - store: the patch folder, which also gives the grid.
  ///   - image: the path of the source image; `nil` to draw the image from its patches.
  public init(store: PatchStore, image: String? = nil) {
    self.store = store
    self.image = image
    grid = store.manifest.grid
  }

  /// What the report will be about: the file name of the image, before or after it was cut.
  package var title: String { image?.fileName ?? store?.manifest.source.name ?? "" }
}
