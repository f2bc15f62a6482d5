---@brief
---
--- codanna-lsp: symbol search and go-to-definition for a whole workspace, out of an
--- index on disk that survives crashes. Install: `pip install codanna-lsp`. Then
---
--- ```lua
--- vim.lsp.enable("codanna_lsp")
--- ```
---
--- Settings and commands: `:help codanna-lsp`.

local client = require("codanna_lsp.client")

client.look_for_program()

---@type vim.lsp.Config
return {
  cmd = { "codanna-lsp" },
  filetypes = client.filetypes,
  root_dir = client.root_dir,
  capabilities = client.capabilities,
  handlers = client.handlers,
  before_init = client.before_init,
  on_init = client.on_init,
  on_exit = client.on_exit,
}
