import ArgumentParser
import Voxtile
import VoxtileFormats

/// `voxtile info`: what a file says about its image.
struct InfoCommand: MessagingCommand {
  private struct Info: Encodable {
    var file: String
    var extent: [Int]
    var channels: Int
    var scalarType: ScalarType
    var spacing: [Double]
    var affine: [[Double]]
    var orientation: String
    var scaling: VolumeInfo.Scaling?
    var isLabelMap: Bool
    var bytes: Int
    var details: [String: String]

    init(_ info: VolumeInfo, file: String) {
      self.file = file
      extent = info.extent.sizes.all
      channels = info.channels
      scalarType = info.scalarType
      spacing = info.metadata.spacing.all
      affine = info.metadata.affine.rows
      orientation = info.metadata.affine.orientation
      scaling = info.scaling
      isLabelMap = info.isLabelMap
      bytes = info.byteCount(of: Region(info.extent))
      details = Dictionary(
        info.details.map { ($0.name, $0.value) }, uniquingKeysWith: { "\($0); \($1)" })
    }
  }

  static let configuration = CommandConfiguration(
    commandName: "info",
    abstract: "Describe images and volumes from their headers.",
    discussion: """
      Where a file cannot be read, the others are still described, and the exit status is 1. With --json, the result is \
      an array with one object for each file.
      """)

  @Argument(help: "The images or volumes.", completion: .file())
  var files: [String]

  @OptionGroup(.running) var printing: JSONOptions

  @OptionGroup(.messages) var messages: MessageOptions

  func run() throws {
    var infos: [(file: String, info: VolumeInfo)] = []
    for file in files {
      do {
        infos.append((file, try ImageFormats.open(file).info))
      } catch {
        // The other files are still described.
        Console.error("Error: \(error)")
      }
    }
    if printing.json {
      try Console.printJSON(infos.map { Info($0.info, file: $0.file) })
    } else {
      for (index, (file, info)) in infos.enumerated() {
        if index > 0 { try Console.result("") }
        try Console.result(file)
        try Self.lines(of: info).forEach { try Console.result("  \($0)") }
      }
    }
    if infos.count < files.count { throw ExitCode(1) }
  }

  private static func lines(of info: VolumeInfo) -> [String] {
    let affine = info.metadata.affine
    let origin = affine.world(x: 0, y: 0, z: 0).all.map { Console.rounded($0) }
    var rows = [
      ("extent", "\(info.extent) voxels" + (info.channels == 1 ? "" : ", \(info.channels) channels")),
      (
        "values",
        "\(info.scalarType.rawValue), \(Console.bytes(info.byteCount(of: Region(info.extent))))"
          + (info.isLabelMap ? ", labels" : "")
      ),
      ("spacing", affine.spacing.all.map { Console.rounded($0) }.joined(separator: " x ") + " mm"),
      ("orientation", "\(affine.orientation), first voxel at (\(origin.joined(separator: ", "))) mm"),
    ]
    if let scaling = info.scaling {
      rows.append(
        (
          "scaling",
          "\(Console.rounded(scaling.slope, decimals: 9)) x stored + "
            + Console.rounded(scaling.intercept, decimals: 9)
        ))
    }
    rows += info.details.map { ($0.name, $0.value) }
    let width = rows.map(\.0.count).max() ?? 0
    return rows.map { name, value in
      name + String(repeating: " ", count: width - name.count + 2) + value
    }
  }
}
