import Foundation
import Testing

/// The texts in the sources, which people may come to read.
private struct SourceText {
  let file: String
  let line: Int
  let text: String

  private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Sources")

  /// The texts between quotation marks of some targets, without what is interpolated and without comments.
  static func all(in targets: [String]) throws -> [SourceText] {
    var texts: [SourceText] = []
    for target in targets {
      let files = FileManager.default.enumerator(
        at: root.appending(path: target), includingPropertiesForKeys: nil)
      for case let file as URL in files ?? .init() where file.pathExtension == "swift" {
        let source = try String(contentsOf: file, encoding: .utf8)
        for (number, line) in source.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
          guard line.utf8.contains(UInt8(ascii: "\"")), !line.drop(while: \.isWhitespace).hasPrefix("//")
          else { continue }
          for text in literals(of: withoutInterpolation(line)) {
            texts.append(
              SourceText(file: "\(target)/\(file.lastPathComponent)", line: number + 1, text: text))
          }
        }
      }
    }
    return texts
  }

  /// A line without `\( ... )`, whatever is nested in it.
  private static func withoutInterpolation(_ line: Substring) -> String {
    var (result, depth, previous) = ("", 0, Character(" "))
    for character in line {
      if depth > 0 {
        depth += character == "(" ? 1 : character == ")" ? -1 : 0
      } else if character == "(", previous == "\\" {
        depth = 1
        result.removeLast()
      } else {
        result.append(character)
      }
      previous = character
    }
    return result
  }

  private static func literals(of line: String) -> [String] {
    line.matches(of: /"((?:[^"\\]|\\.)*)"/).map { String($0.1).replacing("\\n", with: " ") }
  }
}

@Suite("Words of messages")
struct WordsTests {
  private static let libraries = [
    "Voxtile", "VoxtileFormats", "VoxtileStore", "VoxtileInference", "VoxtileReport", "VoxtileViewer",
  ]

  /// Words with capitals inside that are no symbols: units, formats, other programs and what they call their parts, guides, and keys of the
  /// manifest.
  private static let knownWords = [
    "NaN", "IoU", "OpenSSL", "KiB", "MiB", "GiB", "TiB", "NIfTI", "sRGB", "SimpleITK", "TorchIO", "nnU",
    "GridSampler",
    "GridAggregator",
    "OrtGetApiBase", "FreeSurfer", "netCDF", "dAFNItoNIFTI", "DataFile", "NumPy", "PyTorch", "TensorFlow",
    "TensorRT",
    "targetExists", "ABorrowedNetwork", "FromNnUNet", "fileExtension", "fileFormat", "fileSuffix",
    // Formats, and keys of their headers.
    "MetaImage", "ElementSpacing", "TransformMatrix", "AnatomicalOrientation",
    "BinaryDataByteOrderMSB", "HeaderSize", "BinaryData", "ElementDataFile", "ImageJ", "MetaMorph", "SizeC",
    "DimensionOrder", "ImageDepth", "TileDepth", "SamplesPerPixel",
  ]

  @Test("no message of a library names an option of the program")
  func options() throws {
    let texts = try SourceText.all(in: Self.libraries)
    #expect(texts.count > 500)
    for text in texts {
      #expect(text.text.firstMatch(of: /(^|[ (`'])--[a-z]/) == nil, "\(text.file):\(text.line): \(text.text)")
    }
  }

  @Test("no message names a symbol of the libraries")
  func symbols() throws {
    for text in try SourceText.all(in: Self.libraries + ["VoxtileCLI"]) {
      // A text for people has several words.
      guard text.text.contains(" ") else { continue }
      for word in text.text.split(whereSeparator: { !($0.isASCII && $0.isLetter) })
      where Self.hasInnerCapital(word) {
        let isKnown = Self.knownWords.contains(String(word))
        #expect(isKnown, "\(text.file):\(text.line): \(word) in: \(text.text)")
      }
    }
  }

  /// Whether a capital follows a small letter. By bytes: a regular expression takes a minute for all texts in a debug build.
  private static func hasInnerCapital(_ word: Substring) -> Bool {
    zip(word.utf8, word.utf8.dropFirst()).contains { $0 >= UInt8(ascii: "a") && $1 <= UInt8(ascii: "Z") }
  }
}
