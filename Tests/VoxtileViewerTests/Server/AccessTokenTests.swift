import Testing
import VoxtileFormats
import VoxtileReport

@testable import VoxtileViewer

@Suite("AccessToken")
struct AccessTokenTests {
  @Test("tokens differ, and only the whole token lets through")
  func path() {
    let tokens = (0..<100).map { _ in AccessToken() }
    #expect(Set(tokens.map(\.text)).count == 100)
    let token = tokens[0]
    #expect(token.text.count == 32 && token.path(of: "/\(token.text)/") == "/")
    #expect(token.path(of: "/\(token.text)/slice/0/1/2") == "/slice/0/1/2")
    for target in [
      "", "/", "/\(token.text)", "\(token.text)/", "//\(token.text)/", "/\(token.text)A/",
      "http://127.0.0.1/\(token.text)/",
    ] {
      #expect(token.path(of: target) == nil, "\(target)")
    }
    for other in tokens.dropFirst() { #expect(token.path(of: "/\(other.text)/") == nil) }
    // Every single character counts.
    for index in token.text.indices {
      var wrong = token.text
      wrong.replaceSubrange(index...index, with: token.text[index] == "0" ? "1" : "0")
      #expect(token.path(of: "/\(wrong)/") == nil)
    }
  }

  @Test("without the token of the address everything is forbidden")
  func forbidden() async throws {
    let folder = try Folder()
    try noise(seed: 1).write(to: "\(folder.path)/a.nii")
    try await ReportServer(ServedReport(try smallRequest(folder.path, "a.nii"))).serve { address in
      for path in ["/", "/slice/0/2/1", "/\(AccessToken().text)/", "*", "/favicon.ico"] {
        for method in ["GET", "HEAD", "POST"] {
          let answer = try await rawAnswer(
            address, "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
          #expect(answer.hasPrefix("HTTP/1.1 403 "), "\(method) \(path)")
        }
      }
      #expect(try await ask(address, "/slice/0/2/1").status == 200)
    }
  }
}
