-- The commands; nothing of the rest is loaded before one is used, or a server starts.

if vim.g.loaded_codanna_lsp then return end
vim.g.loaded_codanna_lsp = true

local NAMES = { "LspCodannaStatus", "LspCodannaRepair", "LspCodannaRebuild", "LspCodannaRestart" }

for _, name in ipairs(NAMES) do
  vim.api.nvim_create_user_command(
    name,
    function() require("codanna_lsp").commands[name][1]() end,
    { desc = "codanna-lsp: see :help " .. name }
  )
end
