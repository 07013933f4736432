import Voxtile

extension TIFFPlan {
  /// The description of the first page.
  var description: String { omeType.map(omeDescription) ?? imageJDescription }

  /// OME's name of the scalar type; it has none for integers of 64 bits.
  private var omeType: String? {
    switch info.scalarType {
    case .float32: "float"
    case .float64: "double"
    case .int64, .uint64: nil
    default: info.scalarType.rawValue
    }
  }

  private func omeDescription(_ type: String) -> String {
    let schema = "http://www.openmicroscopy.org/Schemas/OME/2016-06"
    let names = header.names
    let text = names.text.isEmpty ? "" : "<Description>\(names.text.escapedForXML)</Description>"
    let channels = (0..<header.channels).map { channel in
      let name = names.channels.isEmpty ? "" : " Name=\"\(names.channels[channel].escapedForXML)\""
      return "<Channel ID=\"Channel:0:\(channel)\" SamplesPerPixel=\"\(header.samples)\"\(name)/>"
    }
    let attributes = omeSizes(type).map { "\($0.0)=\"\($0.1)\"" }
    return """
      <?xml version="1.0" encoding="UTF-8"?><OME xmlns="\(schema)" \
      xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="\(schema) \(schema)/ome.xsd" \
      Creator="voxtile \(LibraryVersion.current)"><Image ID="Image:0" Name="\(names.image.escapedForXML)">\(text)\
      <Pixels ID="Pixels:0" \(attributes.joined(separator: " "))>\(channels.joined())\
      <TiffData IFD="0" PlaneCount="\(info.extent.depth * header.channels * header.frames)"/></Pixels></Image></OME>
      """
  }

  private func omeSizes(_ type: String) -> [(String, String)] {
    let (extent, spacing) = (info.extent, info.metadata.spacing)
    // Pages come as slices do: all of a slice before the next one.
    var attributes = [
      ("DimensionOrder", header.frames > 1 ? "XYCTZ" : "XYCZT"), ("Type", type),
      ("BigEndian", "\(ByteOrder.native == .big)"),
      ("SizeX", "\(extent.width)"), ("SizeY", "\(extent.height)"), ("SizeZ", "\(extent.depth)"),
      ("SizeC", "\(header.channels * header.samples)"), ("SizeT", "\(header.frames)"),
    ]
    if header.hasSize {
      for (axis, size) in zip(["X", "Y", "Z"], spacing.all).prefix(header.isVolume ? 3 : 2) where size > 0 {
        attributes += [("PhysicalSize\(axis)", "\(size)"), ("PhysicalSize\(axis)Unit", "mm")]
      }
    }
    if header.names.frameSeconds > 0 {
      attributes += [("TimeIncrement", "\(header.names.frameSeconds)"), ("TimeIncrementUnit", "s")]
    }
    return attributes
  }

  /// All time points are channels here, since ImageJ wants them last, and slices come first.
  private var imageJDescription: String {
    let channels = header.channels * header.frames
    var lines = ["ImageJ=1.54f", "images=\(channels * info.extent.depth)"]
    if channels > 1 { lines.append("channels=\(channels)") }
    if info.extent.depth > 1 { lines.append("slices=\(info.extent.depth)") }
    lines += ["hyperstack=true", "mode=grayscale"]
    if header.hasSize {
      lines.append("unit=cm")
      if header.isVolume { lines.append("spacing=\(info.metadata.spacing.z / 10)") }
    }
    return (lines + ["loop=false", ""]).joined(separator: "\n")
  }
}

extension String {
  /// The text as a value of XML, without control characters, which it cannot hold.
  fileprivate var escapedForXML: String {
    unicodeScalars.reduce(into: "") { text, scalar in
      switch scalar {
      case "&": text += "&amp;"
      case "<": text += "&lt;"
      case ">": text += "&gt;"
      case "\"": text += "&quot;"
      case "\n", "\r", "\t": text += "&#\(scalar.value);"
      case "\u{0}"..."\u{1F}", "\u{FFFE}", "\u{FFFF}": break
      default: text.unicodeScalars.append(scalar)
      }
    }
  }
}
