import Voxtile

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Draws the pictures of the guides, for light and dark mode.
///
///     swift run BorderPictures Sources/Voxtile/Voxtile.docc
@main
struct BorderPictures {
  /// All pictures, each with its file name and content.
  static func all() throws -> [(file: String, svg: String)] {
    var pictures: [(file: String, svg: String)] = []
    for theme in [Theme.light, .dark] {
      for edge in EdgePolicy.allCases {
        let picture = try EdgePicture(edge)
        pictures.append(("\(picture.name)\(theme.suffix).svg", picture.svg(theme)))
      }
      let padding = PaddingPicture()
      pictures.append(("\(padding.name)\(theme.suffix).svg", padding.svg(theme)))
      let coverage = CoveragePicture()
      pictures.append(("\(coverage.name)\(theme.suffix).svg", try coverage.svg(theme)))
    }
    return pictures
  }

  static func main() throws {
    guard CommandLine.arguments.count == 2 else {
      print("usage: BorderPictures FOLDER")
      return
    }
    let folder = CommandLine.arguments[1]
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for (file, svg) in try all() {
      try Data(svg.utf8).write(to: URL(filePath: "\(folder)/\(file)"))
    }
  }
}
