import Voxtile
import VoxtileFormats

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A report as one HTML file: it opens from disk, asks nothing of the network, and holds all that it shows.
///
/// A page that a server hands out may ask that server for finer slices than it holds.
public struct ReportPage: Sendable {
  /// What it shows.
  public let data: ReportData
  /// The axes (0, 1, 2) across which a server has finer slices, for each layer; `nil` for a page that asks for
  /// nothing.
  public let finerSlices: [[Int]]?

  /// Creates the page of some data.
  ///
  /// - Parameters:
  ///   - data: what it shows.
  ///   - finerSlices: the axes across which a server has finer slices, for each layer.
  public init(_ data: ReportData, finerSlices: [[Int]]? = nil) {
    self.data = data
    self.finerSlices = finerSlices
  }

  /// The page.
  ///
  /// - Throws: `VoxtileError.Code.malformedFile` where the data have a number that is not finite, which JSON cannot
  ///   say.
  public func html() throws -> [UInt8] {
    let pictures = data.layers.enumerated().map { index, layer in
      Array("<script type=\"text/plain\" id=\"layer-\(index)\">".utf8)
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

  /// Writes the page to a file that appears whole or not at all.
  ///
  /// - Parameters:
  ///   - path: where to write.
  ///   - isReplacing: whether an older file may be replaced.
  /// - Throws: what ``html()`` throws, `VoxtileError.Code.targetExists` where the file exists and may not be
  ///   replaced, `VoxtileError.Code.fileAccess` where it cannot be written.
  public func write(to path: String, replacing isReplacing: Bool = false) throws {
    // Before the work, since it may fail.
    let file = try AtomicFile(path, replacing: isReplacing)
    try file.write(html(), at: 0)
    try file.commit()
  }

  /// The data as JSON that can stand in a script element.
  func json() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      return Self.scriptSafe([UInt8](try encoder.encode(data)))
    } catch {
      throw VoxtileError(
        .malformedFile, "has a spacing, affine or value that is not finite; repair its header",
        context: .init(file: data.summary.input), underlying: error)
    }
  }

  /// JSON without a `<` or `>`: inside of strings, the only place where JSON has them, an escape means the same.
  static func scriptSafe(_ json: [UInt8]) -> [UInt8] {
    var safe: [UInt8] = []
    safe.reserveCapacity(json.count)
    for byte in json {
      switch byte {
      case UInt8(ascii: "<"): safe += Array("\\u003c".utf8)
      case UInt8(ascii: ">"): safe += Array("\\u003e".utf8)
      case UInt8(ascii: "&"): safe += Array("\\u0026".utf8)
      default: safe.append(byte)
      }
    }
    return safe
  }

  /// Text as it may stand in an element.
  static func escaped(_ text: String) -> String {
    text.reduce(into: "") { result, character in
      switch character {
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "&": result += "&amp;"
      case "\"": result += "&quot;"
      default: result.append(character)
      }
    }
  }

  /// Puts each part in the place of its name between two braces; what is put in is not searched again.
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
