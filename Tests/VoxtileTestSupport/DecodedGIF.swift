import Voxtile

/// What is in a GIF, read bit by bit as its specification (GIF89a) says.
package struct DecodedGIF {
  package struct Frame {
    package var columns: Range<Int>
    package var rows: Range<Int>
    package var pixels: [UInt8]
    package var hundredths: Int
    package var transparent: UInt8?
  }

  package var width = 0
  package var height = 0
  /// Red, green and blue of each color.
  package var palette: [[UInt8]] = []
  package var frames: [Frame] = []
  /// Whether it repeats forever.
  package var repeats = false

  private let bytes: [UInt8]
  private var place = 13

  /// Reads a file; `nil` where it is none, or is cut short.
  package init?(_ bytes: [UInt8]) {
    self.bytes = bytes
    guard bytes.count > 13, bytes.starts(with: "GIF89a".utf8) else { return nil }
    (width, height) = (number(6), number(8))
    let colors = 2 << (Int(bytes[10]) & 7)
    guard bytes[10] & 0x80 != 0, bytes.count > 13 + 3 * colors else { return nil }
    palette = (0..<colors).map { Array(bytes[13 + 3 * $0..<16 + 3 * $0]) }
    place += 3 * colors
    var (hundredths, transparent): (Int, UInt8?) = (0, nil)
    while place < bytes.count {
      switch bytes[place] {
      case 0x21 where bytes[place + 1] == 0xF9:
        hundredths = number(place + 4)
        transparent = bytes[place + 3] & 1 != 0 ? bytes[place + 6] : nil
        place += 2
        _ = blocks()
      case 0x21:
        place += 2
        let content = blocks()
        repeats = repeats || content == Array("NETSCAPE2.0".utf8) + [1, 0, 0]
      case 0x2C:
        let (left, top) = (number(place + 1), number(place + 3))
        let (wide, high) = (number(place + 5), number(place + 7))
        let codeBits = Int(bytes[place + 10])
        place += 11
        let pixels = Self.unpacked(blocks(), codeBits: codeBits)
        guard pixels.count == wide * high else { return nil }
        frames.append(
          Frame(
            columns: left..<left + wide, rows: top..<top + high, pixels: pixels, hundredths: hundredths,
            transparent: transparent))
      case 0x3B: return
      default: return nil
      }
    }
    return nil
  }

  /// Each picture as it is seen: places in the palette, row by row.
  package var pictures: [[UInt8]] {
    var picture = [UInt8](repeating: 0, count: width * height)
    return frames.map { frame in
      var pixel = 0
      for y in frame.rows {
        for x in frame.columns {
          if frame.pixels[pixel] != frame.transparent { picture[y * width + x] = frame.pixels[pixel] }
          pixel += 1
        }
      }
      return picture
    }
  }

  private func number(_ at: Int) -> Int { Int(bytes[at]) | Int(bytes[at + 1]) << 8 }

  /// The content of blocks up to an empty one.
  private mutating func blocks() -> [UInt8] {
    var content: [UInt8] = []
    while place < bytes.count, bytes[place] > 0 {
      let end = min(bytes.count, place + 1 + Int(bytes[place]))
      content += bytes[place + 1..<end]
      place = end
    }
    place += 1
    return content
  }

  private static func unpacked(_ data: [UInt8], codeBits: Int) -> [UInt8] {
    let (clear, end) = (1 << codeBits, 1 << codeBits + 1)
    var table: [[UInt8]] = []
    var (bits, bit, pixels): (Int, Int, [UInt8]) = (0, 0, [])
    var last: [UInt8]?
    func restart() {
      table = (0..<clear).map { [UInt8($0)] } + [[], []]
      (bits, last) = (codeBits + 1, nil)
    }
    restart()
    while bit + bits <= 8 * data.count {
      let code = (0..<bits).reduce(0) { $0 | Int(data[(bit + $1) / 8] >> ((bit + $1) % 8) & 1) << $1 }
      bit += bits
      if code == clear {
        restart()
        continue
      }
      guard code != end, code < table.count || last != nil else { break }
      let entry = code < table.count ? table[code] : (last ?? []) + (last ?? []).prefix(1)
      pixels += entry
      if let last, table.count < 4096 { table.append(last + entry.prefix(1)) }
      if table.count == 1 << bits, bits < 12 { bits += 1 }
      last = entry
    }
    return pixels
  }
}
