import Voxtile
import VoxtileFormats
import VoxtileStore

extension ReportData {
  /// Reads the images of a request slab by slab, and collects everything that the report shows.
  ///
  /// - Parameter request: the images, the grid and the options.
  /// - Throws: `VoxtileError.Code.fileAccess` or `VoxtileError.Code.malformedFile` if an image cannot be read,
  ///   `VoxtileError.Code.shapeMismatch` if its size differs from the grid's extent, or it lies elsewhere than the image
  ///   that it is shown with,
  ///   `VoxtileError.Code.invalidOption` if a requested channel does not exist, and any error that the request's
  ///   `check` throws.
  /// - Complexity: O(voxels). Each image is read once; the source image is read twice if it is compared with a
  ///   merged image. Memory: 20 bytes for each voxel of a picture, plus one slab.
  public init(_ request: ReportRequest) throws {
    try self.init(request, open: ImageFormats.open)
  }

  /// Does the same, and opens the images with `open`.
  package init(_ request: ReportRequest, open: @escaping @Sendable (String) throws -> any VolumeReader) throws
  {
    let images = try ReportImages(request, open: open)
    let info = images.info
    let grid = request.grid
    summary = try GridSummary(of: grid, over: info, input: images.name)
    // The memory limit may suffice for the current job but not for a later crop or merge. Then the report omits
    // the plan of that step.
    try? summary.planCrop(
      of: grid, over: info, isRandomAccess: images.isRandomAccess, limits: request.limits)
    try? summary.planMerge(
      of: grid, over: info, isRandomAccess: request.store?.isRandomAccess ?? images.isRandomAccess,
      writesRows: info.format?.writesRows == true, limits: request.limits)
    title = images.name.fileName
    place = Place(
      orientation: info.metadata.place == .world ? info.metadata.affine.orientation : nil,
      affine: info.metadata.affine.rows)
    coverage = CoverageCounts(grid.coverage)
    patches = Patches(
      of: grid, folder: request.store?.folder, files: request.store?.manifest.entries.map(\.file))
    (layers, merge, patchPictures) = try images.read()
    prediction = nil
    origin = request.origin
  }
}
