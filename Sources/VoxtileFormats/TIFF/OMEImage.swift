import Voxtile

/// The first image that an OME-XML description of a TIFF names.
///
/// Source: the OME data model and the OME-TIFF specification, 2016-06.
struct OMEImage {
  /// Where planes that follow each other lie.
  struct Planes {
    /// The first page, or `nil` where the description does not say.
    var page: Int?
    /// How many, or `nil` where the description does not say.
    var count: Int?
    var firstSlice = 0
    var firstChannel = 0
    var firstFrame = 0
    /// The file that has them, where that is said.
    var file = ""
  }

  /// The attributes of the element `Pixels`.
  var pixels: [String: String] = [:]
  var names = TIFFNames()
  var planes: [Planes] = []
  /// The identifier of this file, where it has one.
  var identifier = ""
  /// What this file is called.
  private let fileName: String
  /// How many images are named.
  var imageCount = 0

  /// Whether a description is OME-XML.
  static func isIn(_ description: String) -> Bool {
    let start = description.utf8.prefix(4096)
    guard start.first(where: { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }) == UInt8(ascii: "<") else {
      return false
    }
    let text = String(decoding: start, as: UTF8.self)
    return text.contains("<OME") || text.contains(":OME ")
  }

  /// Reads a description.
  ///
  /// - Throws: `VoxtileError.Code.malformedFile` where it is not well-formed or names no image,
  ///   `VoxtileError.Code.unsupportedFormat` where it says that another file has the description.
  init(_ description: String, fileName: String) throws(VoxtileError) {
    self.fileName = fileName
    var scanner = XMLScanner(description)
    var path: [String] = []
    while let event = try scanner.next() {
      switch event {
      case .start(let name, let attributes):
        path.append(name)
        try start(path, attributes)
      case .end: path.removeLast()
      case .text(let text): add(text, in: path)
      }
    }
    guard !pixels.isEmpty else {
      throw Self.error("names no image", expected: "an element Pixels", found: "none")
    }
  }

  private mutating func start(_ path: [String], _ attributes: [String: String]) throws(VoxtileError) {
    switch path.dropFirst() {
    case []: identifier = attributes["UUID"] ?? ""
    case ["BinaryOnly"]:
      throw .tiffHas(
        "only pixels, described in \(attributes["MetadataFile"] ?? "another file")",
        advice: "save the image as one file, for example with Bio-Formats")
    case ["Image"]:
      imageCount += 1
      if imageCount == 1 { names.image = attributes["Name"] ?? "" }
    case ["Image", "Pixels"] where imageCount == 1: pixels = attributes
    case ["Image", "Pixels", "Channel"] where imageCount == 1: names.channels.append(attributes["Name"] ?? "")
    case ["Image", "Pixels", "TiffData"] where imageCount == 1: try addPlanes(attributes)
    case ["Image", "Pixels", "TiffData", "UUID"] where imageCount == 1 && !planes.isEmpty:
      let file = attributes["FileName"] ?? "another file"
      // Without an identifier of its own, a file is known by its name.
      if identifier.isEmpty, file.fileName.lowercased() == fileName.lowercased() { break }
      planes[planes.count - 1].file = file
    default: break
    }
  }

  private mutating func addPlanes(_ attributes: [String: String]) throws(VoxtileError) {
    func number(_ key: String) throws(VoxtileError) -> Int? {
      guard let text = attributes[key] else { return nil }
      guard let number = Int(text), (0...Int(Int32.max)).contains(number) else {
        throw Self.error("has \(key)=\"\(text)\"", expected: "a number from 0 on", found: text)
      }
      return number
    }
    planes.append(
      Planes(
        page: try number("IFD"), count: try number("PlaneCount"), firstSlice: try number("FirstZ") ?? 0,
        firstChannel: try number("FirstC") ?? 0, firstFrame: try number("FirstT") ?? 0))
  }

  private mutating func add(_ text: String, in path: [String]) {
    guard imageCount == 1 else { return }
    switch path.dropFirst() {
    case ["Image", "Description"]: names.text += text
    case ["Image", "Pixels", "TiffData", "UUID"]:
      // What lies in this very file needs no name.
      if !planes.isEmpty, !identifier.isEmpty, text == identifier { planes[planes.count - 1].file = "" }
    default: break
    }
  }

  static func error(_ what: String, expected: String, found: String) -> VoxtileError {
    VoxtileError(
      .malformedFile,
      "\(what) in its OME description, where \(expected) belongs; repair or remove the description",
      context: .init(expected: expected, found: found))
  }
}
