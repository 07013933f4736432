import ArgumentParser
import Voxtile
import VoxtileFormats

/// `voxtile info`: what a file says about its image.
struct InfoCommand: ParsableCommand {
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
      details = Dictionary(info.details.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
    }
  }

  static let configuration = CommandConfiguration(
    commandName: "info",
    abstract: "Say what files hold, from their headers.")

  @Argument(help: "The images or volumes.", completion: .file())
  var files: [String]

  @Flag(help: "Print JSON: an array with one object a file.")
  var json = false

  func run() throws {
    let infos = try files.map { file in (file, try ImageFormats.open(file).info) }
    if json {
      try Console.printJSON(infos.map { Info($1, file: $0) })
      return
    }
    for (index, (file, info)) in infos.enumerated() {
      if index > 0 { print() }
      print(file)
      Self.lines(of: info).forEach { print("  \($0)") }
    }
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
