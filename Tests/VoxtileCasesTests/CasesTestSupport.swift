import Foundation
import Testing
import Voxtile
import VoxtileFormats
import VoxtileTestSupport

@testable import VoxtileCases

/// Expects that something is refused, with a code and with words in the message.
@discardableResult
func expectRefusal(
  _ code: VoxtileError.Code, _ words: String..., from location: SourceLocation = #_sourceLocation,
  _ body: () throws -> Void
) -> VoxtileError? {
  let error = #expect(throws: VoxtileError.self, sourceLocation: location) { try body() }
  guard let error else { return nil }
  #expect(error.code == code, sourceLocation: location)
  for word in words {
    #expect(error.description.contains(word), "\(error.description)", sourceLocation: location)
  }
  return error
}

/// Makes empty files, and the folders that they lie in.
func makeFiles(_ names: [String], in folder: String) throws {
  for name in names {
    let path = "\(folder)/\(name)"
    try FileManager.default.createDirectory(
      at: URL(filePath: path).deletingLastPathComponent(), withIntermediateDirectories: true)
    try writeFile(Array(name.utf8), to: path)
  }
}

/// Writes a small image in the format of its name.
func makeImage(_ path: String) throws {
  try Volume<UInt8>(extent: Extent(width: 3, height: 2, depth: 2)).write(to: path)
}

extension CaseList {
  /// The names of the cases.
  var names: [String] { map(\.name) }

  /// The names of the files of each case, without their folders.
  var files: [[String]] { map { $0.images.map { String($0.split(separator: "/").last ?? "") } } }
}
