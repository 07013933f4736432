import Voxtile

/// An image in a Zarr store: the array that a path leads to, and what is said of it.
struct ZarrImage {
  let folder: ZarrFolder
  let array: ZarrArrayMetadata
  /// The levels of the image that the array belongs to, and which it is; `nil` for an array by itself.
  let multiscale: (image: OMEMultiscale, level: Int)?
  /// The attributes of the group with the levels, or those of the array.
  let attributes: JSONValue
  /// What is doubtful in the file.
  var notes: [String] = []

  /// Finds the image at a path: a group with levels, of which the first is taken, one of these levels, or any array.
  ///
  /// - Throws: `VoxtileError.Code.malformedFile` or `VoxtileError.Code.unsupportedFormat` where there is none that can be read.
  init(at path: String) throws(VoxtileError) {
    let root = ZarrFolder(path: path)
    switch try ZarrNode(root) {
    case .array(let array):
      (folder, self.array) = (root, array)
      guard let found = try Self.parent(of: root) else {
        (multiscale, attributes) = (nil, array.attributes)
        return
      }
      multiscale = (found.image, found.level)
      attributes = found.attributes
    case .group(_, let attributes):
      let (group, attributes, note) = try Self.image(in: root, attributes)
      guard let image = try OMEMultiscale(attributes) else { throw Self.noImage(attributes, in: root) }
      let level = group.folder(image.levels[0].path)
      guard case .array(let array)? = try ZarrNode(level) else {
        throw VoxtileError(
          .malformedFile,
          "has its full resolution in \(image.levels[0].path), where there is no array; get the whole store",
          context: .init(file: path, expected: "an array", found: image.levels[0].path))
      }
      (folder, self.array, multiscale, self.attributes) = (level, array, (image, 0), attributes)
      notes = note.map { [$0] } ?? []
      if image.hasOthers { notes.append("has several images in one group; the first is read") }
    case nil:
      throw VoxtileError(
        .unsupportedFormat,
        "is a folder without the metadata of Zarr (\(ZarrNode.documents.joined(separator: ", ")))",
        context: .init(file: path))
    }
  }

  /// The group with the levels that an array is one of.
  private static func parent(
    of array: ZarrFolder
  ) throws(VoxtileError) -> (image: OMEMultiscale, level: Int, attributes: JSONValue)? {
    guard var path = Durable.resolved(array.path) else { return nil }
    var name = path.fileName
    for _ in 0..<4 {
      path = path.parentFolder
      guard path != "/",
        case .group(_, let attributes)? = try ZarrNode(ZarrFolder(path: path), isNamed: false)
      else { return nil }
      if let image = try OMEMultiscale(attributes) {
        return image.levels.firstIndex { $0.path == name }.map { (image, $0, attributes) }
      }
      name = "\(path.fileName)/\(name)"
    }
    return nil
  }

  /// The group with the image: the one named or, as the converter bioformats2raw lays it out, the only one inside.
  private static func image(
    in group: ZarrFolder, _ attributes: JSONValue
  ) throws(VoxtileError) -> (ZarrFolder, JSONValue, note: String?) {
    let layout = attributes["ome"]?["bioformats2raw.layout"] ?? attributes["bioformats2raw.layout"]
    guard layout != nil, try OMEMultiscale(attributes) == nil, ZarrFolder.isNothing(at: group.file("1")),
      case .group(_, let inner)? = try ZarrNode(group.folder("0"))
    else { return (group, attributes, nil) }
    return (group.folder("0"), inner, "has one image, 0, which is read")
  }

  private static func noImage(_ attributes: JSONValue, in group: ZarrFolder) -> VoxtileError {
    if attributes[ZarrPredictions.attribute] != nil {
      return VoxtileError(
        .unsupportedFormat,
        "holds predictions of patches, of which 'voxtile merge' makes an image; 'voxtile verify' says whether all are there",
        context: .init(file: group.path, expected: "an image", found: "predictions"))
    }
    let ome = attributes["ome"] ?? attributes
    let example = group.file(ome["plate"] != nil ? "A/1/0" : ome["labels"]?.values?.first?.string ?? "0")
    let what =
      if ome["plate"] != nil {
        "is a plate of many images"
      } else if ome["bioformats2raw.layout"] != nil {
        "holds several images"
      } else if let labels = ome["labels"]?.values {
        "holds label images (\(labels.compactMap(\.string).prefix(8).joined(separator: ", ")))"
      } else {
        "is a Zarr group without the metadata of an image (multiscales)"
      }
    return VoxtileError(
      .unsupportedFormat, "\(what); name one image or array in it, such as \(example)",
      context: .init(file: group.path, expected: "an image", found: what))
  }
}
