import Voxtile
import VoxtileFormats

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A report as one self-contained HTML file that opens from disk and works offline.
///
/// A page that is served by `VoxtileViewer` can also load slices at full resolution from its server.
public struct ReportPage: Sendable {
  /// The data that the page shows.
  public let data: ReportData
  /// For each layer, the axes (0, 1, 2) across which the server has slices at full resolution; `nil` for a page
  /// without a server.
  private let finerSlices: [[Int]]?

  /// Creates a page that needs no server.
  ///
  /// - Parameter data: the data that the page shows.
  public init(_ data: ReportData) {
    self.init(data, finerSlices: nil)
  }

  /// Creates a page for a server.
  ///
  /// - Parameters:
  ///   - data: the data that the page shows.
  ///   - finerSlices: for each layer, the axes (0, 1, 2) across which the server has slices at full resolution.
  package init(_ data: ReportData, finerSlices: [[Int]]?) {
    self.data = data
    self.finerSlices = finerSlices
  }

  /// Renders the page as UTF-8 text.
  ///
  /// - Returns: the bytes of the HTML file.
  /// - Throws: `VoxtileError.Code.malformedFile` if a number in the data is not finite; JSON cannot store it.
  /// - Complexity: O(bytes of the pictures).
  public func html() throws -> [UInt8] {
    let named =
      data.layers.enumerated().map { ("\($0)", $1) } + [data.patchPictures.map { ("patches", $0.layer) }]
    let pictures = named.compactMap(\.self).map { name, layer in
      Array("<script type=\"text/plain\" id=\"layer-\(name)\">".utf8)
        + Array(Data(layer.bytes.gzipped()).base64EncodedString().utf8) + Array("</script>\n".utf8)
    }
    let parts: [String: [UInt8]] = [
      "title": Array(Self.escaped(data.title).utf8),
      "style": PackageResources.style_css,
      "connect": Array((finerSlices == nil ? "" : " connect-src 'self';").utf8),
      "served": Array((finerSlices.map { " data-slices=\"\($0)\"" } ?? "").utf8),
      "data": try json(),
      "pictures": Array(pictures.joined()),
      "script": PageScript.joined,
    ]
    return Self.fill(PackageResources.page_html, with: parts)
  }

  /// Writes the page to a file. If this fails, no partial file is left behind.
  ///
  /// - Parameters:
  ///   - path: the file to write.
  ///   - isReplacing: whether an existing file may be replaced.
  /// - Throws: any error of ``html()``, `VoxtileError.Code.targetExists` if the file exists and may not be
  ///   replaced, and `VoxtileError.Code.fileAccess` if it cannot be written.
  public func write(to path: String, replacing isReplacing: Bool = false) throws {
    // Opened first, so that an unusable path is reported before the page is rendered.
    let file = try AtomicFile(path, replacing: isReplacing)
    try file.write(html(), at: 0)
    try file.commit()
  }

  /// The data as JSON that is safe inside a script element.
  func json() throws -> [UInt8] {
    try Self.json(
      data, of: data.summary.input,
      fault: "a spacing, affine or value is not finite; correct the header of the image")
  }

  /// The data of a page as JSON that is safe inside a script element.
  ///
  /// - Parameters:
  ///   - file: what the page is about.
  ///   - fault: what is wrong where JSON cannot store a number.
  /// - Throws: `VoxtileError.Code.malformedFile` where it cannot.
  static func json(_ data: some Encodable, of file: String, fault: String) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      return scriptSafe([UInt8](try encoder.encode(data)))
    } catch {
      throw VoxtileError(.malformedFile, fault, context: .init(file: file), underlying: error)
    }
  }

  /// Escapes `<`, `>` and `&`, which JSON has only inside strings, where an escape has the same meaning; and makes characters of names
  /// visible that control a terminal or turn the direction of writing, as `String.printable` does.
  static func scriptSafe(_ json: [UInt8]) -> [UInt8] {
    var safe: [UInt8] = []
    safe.reserveCapacity(json.count)
    var index = 0
    while index < json.count {
      let byte = json[index]
      func next(_ count: Int) -> ArraySlice<UInt8> { json[index..<min(index + count, json.count)] }
      var taken = 1
      switch byte {
      case UInt8(ascii: "<"): safe += Array("\\u003c".utf8)
      case UInt8(ascii: ">"): safe += Array("\\u003e".utf8)
      case UInt8(ascii: "&"): safe += Array("\\u0026".utf8)
      case UInt8(ascii: "\\") where next(4).elementsEqual("\\u00".utf8):
        // The encoder writes controls like this; other characters stay as they are.
        safe += Array("\\\\x".utf8) + next(6).dropFirst(4)
        taken = 6
      case UInt8(ascii: "\\"):
        safe += next(2)
        taken = 2
      case 0xC2, 0xE2:
        taken = byte == 0xC2 ? 2 : 3
        let character = String(decoding: next(taken), as: UTF8.self)
        // A backslash is two in JSON.
        safe += Array(character.printable.utf8).flatMap { $0 == UInt8(ascii: "\\") ? [$0, $0] : [$0] }
      default: safe.append(byte)
      }
      index += taken
    }
    return safe
  }

  /// Escapes text for HTML.
  static func escaped(_ text: String) -> String {
    text.printable.reduce(into: "") { result, character in
      switch character {
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "&": result += "&amp;"
      case "\"": result += "&quot;"
      default: result.append(character)
      }
    }
  }

  /// Replaces each `{{name}}` by the part of that name. Inserted parts are not searched for further names.
  static func fill(_ template: [UInt8], with parts: [String: [UInt8]]) -> [UInt8] {
    var page: [UInt8] = []
    var rest = template[...]
    let brace = UInt8(ascii: "{")
    while let open = rest.firstIndex(of: brace) {
      page += rest[..<open]
      rest = rest[open...]
      let name = rest.dropFirst(2).prefix { $0 != UInt8(ascii: "}") }
      if rest.starts(with: [brace, brace]), let part = parts[String(decoding: name, as: UTF8.self)] {
        page += part
        rest = rest[name.endIndex...].dropFirst(2)
      } else {
        page.append(brace)
        rest = rest.dropFirst()
      }
    }
    return page + rest
  }
}
