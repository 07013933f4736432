/// One scan of many: the images that are its channels, and what belongs to it.
public struct ScanCase: Hashable, Sendable {
  /// What the scan is called. Its results are named after it, so it may hold slashes: `sub-01/anat/sub-01_T1w`.
  public let name: String
  /// The files of its channels, at least one, in the order in which a network takes them.
  public let images: [String]
  /// The reference labels of the scan, if they are known.
  public var labels: String?
  /// An image of which only the bounding box of the voxels above 0 is of interest, if there is one.
  public var mask: String?

  /// Creates a case.
  ///
  /// - Precondition: there is an image.
  public init(_ name: String, images: [String], labels: String? = nil, mask: String? = nil) {
    precondition(!images.isEmpty, "case '\(name)' has no image")
    self.name = name
    self.images = images
    self.labels = labels
    self.mask = mask
  }
}
