import Voxtile
import VoxtileFormats
import VoxtileStore

extension ReportData {
  /// Reads the images of a request, slab by slab, and makes all that its report shows.
  ///
  /// - Throws: `VoxtileError` where an image cannot be read (`VoxtileError.Code.fileAccess`,
  ///   `VoxtileError.Code.malformedFile`), is not of the size of the grid (`VoxtileError.Code.shapeMismatch`), or has
  ///   not the channel asked for (`VoxtileError.Code.invalidOption`); and what the request's check throws.
  /// - Complexity: O(voxels of the images), each read once, the image twice where it is compared with a merged
  ///   one; 20 bytes a voxel of the pictures and a slab in memory.
  public init(_ request: ReportRequest) throws {
    try self.init(request, open: ImageFormats.open)
  }

  /// The same, with images that something else opens.
  package init(_ request: ReportRequest, open: @escaping (String) throws -> any VolumeReader) throws {
    let images = try ReportImages(request, open: open)
    let info = images.info
    let grid = request.grid
    summary = try GridSummary(of: grid, over: info, input: images.name)
    // A limit that was enough for what was done need not be for the rest, which then is not shown.
    try? summary.planCrop(
      of: grid, over: info, isRandomAccess: images.isRandomAccess, limits: request.limits)
    try? summary.planMerge(
      of: grid, over: info, isRandomAccess: request.store?.isRandomAccess ?? images.isRandomAccess,
      limits: request.limits)
    title = (request.store?.folder ?? images.name).lastPathComponent
    place = Place(
      orientation: info.format?.keepsPlace == false ? nil : info.metadata.affine.orientation,
      affine: info.metadata.affine.rows)
    coverage = CoverageCounts(grid.coverage)
    patches = Patches(
      of: grid, folder: request.store?.folder, files: request.store?.manifest.entries.map(\.file))
    (layers, merge) = try images.read()
    prediction = nil
    origin = request.origin
  }
}

extension String {
  /// What stands behind the last slash that something stands behind.
  var lastPathComponent: String { split(separator: "/").last.map(String.init) ?? self }
}
