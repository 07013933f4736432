import Voxtile
import VoxtileFormats
import VoxtileStore

/// What a report is to show.
///
///     var request = ReportRequest(image: "brain.nii.gz", grid: grid)
///     request.merged = "merged.nii.gz"
///     try ReportPage(ReportData(request)).write(to: "page.html")
public struct ReportRequest: Sendable {
  /// The image that is or was cut; `nil` to make its picture from the patches of ``store``.
  public var image: String?
  /// The patch folder; `nil` before the image is cut.
  public var store: PatchStore?
  /// The grid.
  public var grid: PatchGrid
  /// The merged image; it is compared with ``image``.
  public var merged: String?
  /// How it was merged, where that is known.
  public var blend: String?
  /// More images to lay over, of the size of the image: label maps, maps of a model.
  public var overlays: [String] = []
  /// The channels to choose from in the page, from 0; `nil` for all of up to four, else the first. Colours are shown
  /// together.
  public var channels: [Int]?
  /// Whether values are labels; `nil` to tell by the file and its values.
  public var isLabelMap: Bool?
  /// What a later crop or merge may use of the machine, for the memory that they need.
  public var limits = JobLimits()
  /// How the report was made.
  public var origin = ReportData.Origin(version: "")
  /// The most voxels of a picture; while it is made, each needs 20 bytes of memory.
  public var pictureVoxels = 7_500_000
  /// The most bytes of all pictures in the page, which are made smaller until that is so.
  public var pictureBytes = 6_000_000
  /// Called while images are read; what it throws ends the work.
  public var check: @Sendable () throws -> Void = {}

  /// Asks for the report of an image that is not cut yet.
  public init(image: String, grid: PatchGrid) {
    self.image = image
    self.grid = grid
  }

  /// Asks for the report of a patch folder.
  ///
  /// - Parameters:
  ///   - store: the folder.
  ///   - image: the image it was cut from; `nil` to show the patches.
  public init(store: PatchStore, image: String? = nil) {
    self.store = store
    self.image = image
    grid = store.manifest.grid
  }
}
