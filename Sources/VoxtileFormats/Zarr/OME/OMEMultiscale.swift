import Voxtile

/// What the attributes of a group say of the image in it: one image at several levels of resolution.
///
/// Source: the OME-Zarr specification, versions 0.1 to 0.5.
struct OMEMultiscale: Sendable {
  /// One level.
  struct Level: Sendable {
    /// The path of its array in the group, such as `0`.
    let path: String
    /// What `coordinateTransformations` says.
    let transforms: JSONValue?
  }

  /// The version of OME-Zarr, where it is said.
  let version: String?
  /// The axes; `nil` in files before version 0.3, which do not describe them.
  let axes: [OMEAxis]?
  /// The levels, that of full resolution first; at least one.
  let levels: [Level]
  /// Transformations of all levels, applied after their own.
  private let transforms: JSONValue?
  /// Whether the group has several images, of which this is the first.
  let hasOthers: Bool
  private let path: String

  /// Reads the attributes of a group.
  ///
  /// - Returns: `nil` where there is no image.
  /// - Throws: `VoxtileError.Code.malformedFile` where a field is not as it should be.
  init?(_ attributes: JSONValue) throws(VoxtileError) {
    let isNested = attributes["ome"]?["multiscales"] != nil
    let ome = (isNested ? attributes["ome"] : attributes) ?? .null
    guard let list = ome["multiscales"] else { return nil }
    let name = isNested ? "ome.multiscales" : "multiscales"
    guard let first = list.values?.first else {
      throw .zarrField(name, list, expected: "an array with an image")
    }
    path = "\(name)[0]"
    hasOthers = (list.values?.count ?? 0) > 1
    var fields = try ZarrFields(first, path: path)
    version = ome["version"]?.string ?? fields.optional("version")?.string
    axes = try Self.axes(fields.optional("axes"), path: fields.name("axes"))
    transforms = fields.optional("coordinateTransformations")
    levels = try Self.levels(try fields.value("datasets", "an array"), path: fields.name("datasets"))
  }

  private static func axes(_ value: JSONValue?, path: String) throws(VoxtileError) -> [OMEAxis]? {
    guard let value, value != .null else { return nil }
    guard let values = value.values, (2...ZarrArrayMetadata.maxAxes).contains(values.count) else {
      throw .zarrField(path, value, expected: "an array of 2 to \(ZarrArrayMetadata.maxAxes) axes")
    }
    var axes: [OMEAxis] = []
    for (index, value) in values.enumerated() { axes.append(try OMEAxis(value, path: "\(path)[\(index)]")) }
    guard Set(axes.map(\.name)).count == axes.count else {
      throw .zarrField(path, value, expected: "an array of axes, each with a name of its own")
    }
    return axes
  }

  private static func levels(_ value: JSONValue, path: String) throws(VoxtileError) -> [Level] {
    guard let values = value.values, (1...64).contains(values.count) else {
      throw .zarrField(path, value, expected: "an array of 1 to 64 levels")
    }
    var levels: [Level] = []
    for (index, value) in values.enumerated() {
      var fields = try ZarrFields(value, path: "\(path)[\(index)]")
      let name = try fields.take("path", "the path of an array in this group") { value in
        value.string.flatMap { Self.isInside($0) ? $0 : nil }
      }
      levels.append(Level(path: name, transforms: fields.optional("coordinateTransformations")))
    }
    return levels
  }

  /// Whether a path stays in its folder.
  private static func isInside(_ path: String) -> Bool {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    return !path.isEmpty && parts.allSatisfy { !["", ".", ".."].contains($0) }
  }

  /// Where the values of a level lie.
  ///
  /// - Throws: `VoxtileError.Code.malformedFile` or `VoxtileError.Code.unsupportedFormat`, which names the field, where it cannot
  ///   be said.
  func transform(of level: Int, rank: Int) throws(VoxtileError) -> OMETransform {
    var transform = OMETransform(rank: rank)
    try transform.apply(
      levels[level].transforms, path: "\(path).datasets[\(level)].coordinateTransformations")
    try transform.apply(transforms, path: "\(path).coordinateTransformations")
    guard (transform.scale + transform.translation).allSatisfy(\.isFinite) else {
      throw VoxtileError(
        .malformedFile,
        "places voxels at no finite number in \(path).datasets[\(level)]; repair its transformations",
        context: .init(expected: "finite numbers", found: "\(transform.scale), \(transform.translation)"))
    }
    return transform
  }

  /// Whether anything says where the values of a level lie.
  func hasTransform(_ level: Int) -> Bool { levels[level].transforms != nil || transforms != nil }
}
